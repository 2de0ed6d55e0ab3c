// How far octavo-train's arithmetic is from ONNX Runtime's: the model prepared as `octavo finetune`
// prepares it and libtorch runs it, beside the model itself in ONNX Runtime without optimizations.
// Prints JSON; "difference" is the largest in any output, as a share of the largest value there or
// of 1, whichever is more. Usage: octavo_trainer_agreement MODEL DATA [SAMPLES]
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "octavo/dataset.h"
#include "octavo/error.h"
#include "octavo/executor.h"
#include "octavo/model.h"
#include "octavo/quantize.h"
#include "train/constants.h"
#include "train/network.h"

namespace octavo {
namespace {

std::vector<std::string> output_names(const Model& model) {
  std::vector<std::string> names;
  for (const TensorInfo& output : model.outputs()) names.push_back(output.name);
  return names;
}

// Of small values the difference itself: noise around zero is no share of anything.
double difference(const at::Tensor& found, const at::Tensor& expected) {
  if (found.sizes() != expected.sizes()) {
    throw Error(ErrorCode::kRuntime, "the trainer's output has another shape");
  }
  const double largest = std::max(1.0, expected.abs().max().item<double>());
  const double worst = (found - expected).abs().max().item<double>() / largest;
  if (!std::isfinite(worst)) throw Error(ErrorCode::kRuntime, "an output is not finite");
  return worst;
}

void compare(const std::string& file, const std::string& data_file, std::size_t samples) {
  const Model model = read_model(file);
  const Model prepared = calibration_task(model, {}).model;
  const auto data = open_dataset(data_file, model.inputs());
  SessionOptions as_written;
  as_written.optimization = Optimization::kNone;
  as_written.outputs = output_names(model);
  const auto session = make_executor("onnxruntime")->load(model, as_written);
  const Network network(prepared, {as_written.outputs, {}, {}});
  const std::size_t count = std::min(samples, data->size());
  double worst = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const Sample sample = data->at(i);
    const std::vector<Tensor> expected = session->run(sample.inputs);
    Values inputs;
    for (const Tensor& input : sample.inputs) inputs.push_back(to_torch(input));
    const at::NoGradGuard no_gradients;
    const Values found = network.run(inputs);
    for (std::size_t output = 0; output < found.size(); ++output) {
      worst = std::max(worst, difference(found[output], to_torch(expected[output])));
    }
  }
  fmt::print("{{\"difference\": {:.3g}, \"outputs\": {}, \"nodes\": {}, \"samples\": {}}}\n", worst,
             as_written.outputs.size(), prepared.proto().graph().node_size(), count);
}

}  // namespace
}  // namespace octavo

int main(int argc, char** argv) {
  if (argc < 3 || argc > 4) {
    fmt::print(stderr, "usage: octavo_trainer_agreement MODEL DATA [SAMPLES]\n");
    return 2;
  }
  try {
    octavo::compare(argv[1], argv[2], argc > 3 ? std::stoul(argv[3]) : 4);
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
  return 0;
}
