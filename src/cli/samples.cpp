#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cli/subcommand.h"
#include "data/npz.h"
#include "octavo/dataset.h"
#include "octavo/error.h"
#include "octavo/model.h"

namespace octavo::cli {
namespace {

struct Options {
  std::string model;
  std::string data;
  std::string output;
};

// Equal shapes stacked along the batch.
class Stack {
 public:
  void add(const Tensor& tensor, const Sample& sample) {
    if (count_ == 0) {
      dtype_ = tensor.dtype();
      shape_ = tensor.shape();
    }
    if (tensor.shape() != shape_) {
      throw Error(
          ErrorCode::kUnsupported,
          fmt::format("{}: shape {} differs from {} of the first sample; an array needs one "
                      "shape",
                      sample.name, to_string(tensor.shape()), to_string(shape_)));
    }
    const auto bytes = tensor.bytes();
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    ++count_;
  }
  Tensor take() {
    shape_.front() *= count_;
    return {dtype_, std::move(shape_), std::move(bytes_)};
  }

 private:
  DType dtype_ = DType::kFloat32;
  Shape shape_;
  std::vector<std::byte> bytes_;
  std::int64_t count_ = 0;
};

void run(const Options& options) {
  const Model model = read_model(options.model);
  const std::vector<TensorInfo> inputs = model.inputs();
  const auto dataset = open_dataset(options.data, inputs);
  std::vector<Stack> stacks(inputs.size());
  std::vector<std::int64_t> labels;
  for (std::size_t i = 0; i < dataset->size(); ++i) {
    const Sample sample = dataset->at(i);
    for (std::size_t j = 0; j < inputs.size(); ++j) stacks[j].add(sample.inputs[j], sample);
    if (sample.label) labels.push_back(*sample.label);
  }
  std::map<std::string, Tensor> arrays;
  for (std::size_t j = 0; j < inputs.size(); ++j) arrays.emplace(inputs[j].name, stacks[j].take());
  if (labels.size() == dataset->size()) {
    const auto count = static_cast<std::int64_t>(labels.size());
    arrays.emplace("labels", Tensor::of<std::int64_t>({count}, labels));
  }
  write_npz(options.output, arrays);
  fmt::print("{}: {} samples", options.output, dataset->size());
  for (const auto& [name, array] : arrays) {
    fmt::print(", {} {}{}", name, traits(array.dtype()).name, to_string(array.shape()));
  }
  fmt::print("\n");
}

}  // namespace

void setup_samples(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand(
      "samples", "Write samples as the model sees them, to check preprocessing or for other tools");
  verb->footer("Example:\n  octavo samples model.onnx --from recipe.yaml -o samples.npz");
  verb->add_option("model", options->model, "The ONNX model that they are for")->required();
  verb->add_option("--from", options->data,
                   "The samples: .npz, image folder, test_data_set folder, or .yaml recipe")
      ->required();
  verb->add_option("-o,--output", options->output, "Where they go: an .npz")->required();
  verb->callback([options] { run(*options); });
}

}  // namespace octavo::cli
