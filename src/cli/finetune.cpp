#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cli/recipe_flags.h"
#include "cli/repair_text.h"
#include "cli/subcommand.h"
#include "cli/terminal.h"
#include "cli/trainer_program.h"
#include "octavo/dataset.h"
#include "octavo/error.h"
#include "octavo/quantize.h"
#include "pipeline/evidence.h"
#include "pipeline/trained_tensors.h"
#include "train/training_task.h"

namespace octavo::cli {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string model;
  std::string calibration;
  std::string training;
  std::string validation;
  std::string run;
  std::string output;
  std::string schedule;
  bool resume = false;
  RecipeFlags flags;
  // What flags say of the training, in their order; they go before the file.
  std::vector<std::pair<const TrainingFigure*, double>> figures;
  std::string loss;
  std::string device;
};

TrainingOptions training_options(const Options& options) {
  TrainingOptions training;
  if (!options.schedule.empty()) {
    read_training_options(Config::read(options.schedule), training);
  }
  for (const auto& [figure, value] : options.figures) {
    if (figure->count != nullptr) {
      training.*figure->count = static_cast<std::int64_t>(value);
    } else {
      training.*figure->share = value;
    }
  }
  if (!options.loss.empty()) training.loss = options.loss;
  if (!options.device.empty()) training.device = options.device;
  training.threads = options.flags.threads;
  check(training);
  return training;
}

// What an earlier training left: another task must not go on from it.
void clear(const fs::path& folder) {
  fs::create_directories(folder);
  for (const char* file : {kTaskFile, kCheckpoint, kTrainingLog, kTrainedModel}) {
    fs::remove(folder / file);
  }
}

std::string absolute_or_empty(const std::string& path) {
  return path.empty() ? path : fs::absolute(path).lexically_normal().string();
}

// Refused before any work: the operators of the prepared model are those that are trained.
void require_mapped(const Model& model, const QuantizeOptions& options, const fs::path& trainer,
                    const fs::path& folder) {
  write_model(calibration_task(model, options).model, folder / kFloatModel);
  run_trainer(trainer, {"--check", (folder / kFloatModel).string()});
}

// Training starts from the best that can be had without it.
void add_usual_repairs(const Options& options, const Dataset& calibration,
                       QuantizeOptions& quantize_options) {
  if (options.flags.repair.empty() && calibration.size() > 1) {
    quantize_options.repairs = {"adaround"};
  }
}

void prepare_folder(const Options& options, const fs::path& trainer) {
  const fs::path folder = options.run;
  TrainingTask task{absolute_or_empty(options.training),
                    absolute_or_empty(options.validation),
                    {},
                    {},
                    training_options(options)};
  clear(folder);
  const Model model = read_model(options.model);
  const auto calibration = open_dataset(options.calibration, model.inputs());
  QuantizeOptions quantize_options = to_options(options.flags);
  require_mapped(model, quantize_options, trainer, folder);
  add_usual_repairs(options, *calibration, quantize_options);
  quantize_options.explain = [&](const Evidence& evidence) {
    write_model(evidence.prepared, folder / kFloatModel);
    task.weights = trained_weights(evidence.plan);
    task.activations = trained_activations(evidence.plan, evidence.placement);
  };
  QuantizeResult result;
  {
    Progress progress("calibrating");
    quantize_options.progress = [&](std::size_t done, std::size_t total) {
      progress.update(done, total);
    };
    result = quantize_model(model, *calibration, quantize_options);
  }
  print_repairs(result.repairs);
  for (const std::string& warning : result.warnings) fmt::print(stderr, "warning: {}\n", warning);
  write_model(result.model, folder / kStartModel);
  write_training_task(task, folder);
}

void run(const Options& options) {
  const fs::path trainer = trainer_program();
  const fs::path folder = options.run;
  if (!options.resume) prepare_folder(options, trainer);
  run_trainer(trainer, {folder.string()});
  fs::path result = folder / kTrainedModel;
  if (!options.output.empty()) {
    write_model(read_model(result), options.output);
    result = options.output;
  }
  fmt::print("{} -> {}\nNext: octavo evaluate {} {} {} --evaluation DATA\n", options.model,
             result.string(), options.model, (folder / kStartModel).string(), result.string());
}

void add_training_flags(CLI::App& verb, const std::shared_ptr<Options>& options) {
  const TrainingOptions defaults;
  for (const TrainingFigure& figure : training_figures()) {
    if (figure.name == "threads") continue;  // one flag for all that runs
    const double value = figure.count != nullptr ? static_cast<double>(defaults.*figure.count)
                                                 : defaults.*figure.share;
    const auto put = [options, &figure](const double& given) {
      options->figures.emplace_back(&figure, given);
    };
    verb.add_option_function<double>(flag_of(figure), put, std::string(figure.help))
        ->default_str(fmt::format("{:g}", value))
        ->group("Training");
  }
  verb.add_option("--loss", options->loss,
                  "What is made small, with weights: cross-entropy:0.5+distillation:0.5 where the "
                  "data have labels, distillation elsewhere; also mse, bce")
      ->group("Training");
  verb.add_option("--device", options->device, "cpu, or cuda where libtorch sees a GPU [cpu]")
      ->group("Training");
}

}  // namespace

void setup_finetune(CLI::App& app) {
  auto options = std::make_shared<Options>();
  // The same on every machine: what is trained must not depend on how fast this one is.
  options->flags.coverage = "widest";
  CLI::App* verb = app.add_subcommand(
      "finetune", "Train a quantized model, so that it gets back what quantization took");
  verb->footer(
      "Example:\n  octavo finetune model.onnx --calibration images/ --training labelled/ "
      "--run run/ -o model.int8.onnx\n"
      "  octavo finetune model.onnx --run run/ --resume -o model.int8.onnx");
  verb->add_option("model", options->model, "The float ONNX model")->required();
  auto* calibration = verb->add_option("--calibration", options->calibration,
                                       "Inputs to calibrate on, as `octavo quantize` takes them");
  auto* training = verb->add_option("--training", options->training,
                                    "Samples to train on, with or without labels: .npz, image "
                                    "folder, test_data_set folder, or .yaml recipe");
  verb->add_option("--validation", options->validation,
                   "Samples to judge the training on [a part of the training data is kept aside]");
  verb->add_option("--run", options->run,
                   "Folder for what the training starts from, its log and its checkpoints")
      ->required();
  verb->add_option("-o,--output", options->output,
                   "Where the fine-tuned model goes [RUN/trained.onnx]");
  verb->add_option("--schedule", options->schedule,
                   "YAML with figures of the training; flags go before it");
  verb->add_option("--repair", options->flags.repair, repair_help("adaround"));
  auto* resume =
      verb->add_flag("--resume", options->resume, "Go on with the training that --run holds");
  resume->excludes(calibration)->excludes(training);
  add_recipe_flags(*verb, options->flags);
  add_training_flags(*verb, options);
  verb->callback([options] {
    if (!options->resume && options->calibration.empty()) throw CLI::RequiredError("--calibration");
    if (!options->resume && options->training.empty()) throw CLI::RequiredError("--training");
    run(*options);
  });
}

}  // namespace octavo::cli
