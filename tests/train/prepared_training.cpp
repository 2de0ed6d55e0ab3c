#include "train/prepared_training.h"

#include <fmt/format.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "octavo/dataset.h"
#include "octavo/quantize.h"
#include "pipeline/evidence.h"
#include "pipeline/trained_tensors.h"
#include "support/paths.h"
#include "train/training_task.h"

namespace octavo::testing {
namespace {

namespace fs = std::filesystem;

// The x86 target with fewer bits in its 8-bit types.
fs::path profile_of(const fs::path& folder, Bits bits) {
  std::ifstream shipped(source_dir() / "profiles" / "onnxruntime-x86.json");
  auto profile = nlohmann::json::parse(shipped);
  profile["weight"]["reduced_bits"] = 8 - bits.weights;
  profile["activation"]["reduced_bits"] = 8 - bits.activations;
  const fs::path path = folder / "profile.json";
  std::ofstream(path) << profile;
  return path;
}

}  // namespace

fs::path validation_recipe(const fs::path& folder) {
  const fs::path path = folder / "validation.yaml";
  std::ofstream(path) << fmt::format("base: {}\nselect: {{first: 300}}\n",
                                     (source_dir() / "demo" / "evaluation.yaml").string());
  return path;
}

void prepare_training(const fs::path& folder, const TrainingOptions& options, Bits bits,
                      const std::vector<std::string>& kept_in_float) {
  const fs::path demo = source_dir() / "demo";
  const Model model = read_model(demo / "characters.onnx");
  TrainingTask task{
      (demo / "calibration.yaml").string(), validation_recipe(folder).string(), {}, {}, options};
  QuantizeOptions quantize;
  quantize.target = profile_of(folder, bits).string();
  quantize.recipe.weight_calibrator = {"mse", {}};
  quantize.recipe.exclude_nodes = kept_in_float;
  quantize.explain = [&](const Evidence& evidence) {
    write_model(evidence.prepared, folder / kFloatModel);
    task.weights = trained_weights(evidence.plan);
    task.activations = trained_activations(evidence.plan, evidence.placement);
  };
  const auto calibration = open_dataset(task.training_data, model.inputs());
  write_model(quantize_model(model, *calibration, quantize).model, folder / kStartModel);
  write_training_task(task, folder);
}

TrainingOptions short_training() {
  TrainingOptions options;
  options.epochs = 3;
  options.batch = 20;
  options.checkpoint_every = 3;
  return options;
}

}  // namespace octavo::testing
