#include "repair/block/block_samples.h"

#include <algorithm>
#include <map>
#include <span>

#include "data/selection.h"

namespace octavo {
namespace {

// What each place of a BlockSample is called in one of the networks. Each tensor is observed once.
struct Observed {
  std::vector<std::string> tensors;
  std::vector<std::size_t> by_place;

  void add(const std::string& tensor) {
    const auto found = std::find(tensors.begin(), tensors.end(), tensor);
    by_place.push_back(static_cast<std::size_t>(found - tensors.begin()));
    if (found == tensors.end()) tensors.push_back(tensor);
  }
};

// The float values that a node reads; the codes' values where it runs on the codes themselves.
std::string read_in(const Graph& quantized, const BlockInput& input) {
  const std::string& tensor = quantized.node(input.node)->input(input.input);
  for (const Use& use : quantized.uses(tensor)) {
    const onnx::NodeProto* producer = quantized.producer(tensor);
    const bool is_codes = producer != nullptr && producer->op_type() != "DequantizeLinear" &&
                          use.node->op_type() == "DequantizeLinear" && use.input == 0;
    if (is_codes) return use.node->output(0);
  }
  return tensor;
}

// By sample, the tensors of each place.
std::vector<std::vector<Tensor>> collect(const StagedRun& run, const Model& model,
                                         const Observed& observed,
                                         const std::vector<std::size_t>& picks) {
  const PickedDataset data(run.from_here(), picks);
  std::vector<std::vector<Tensor>> found(picks.size(),
                                         std::vector<Tensor>(observed.tensors.size()));
  run.observer(model, observed.tensors)
      .observe(data, 0, picks.size(),
               [&](std::size_t sample, std::size_t tensor, const TensorView& values) {
                 found[sample][tensor] = {
                     values.dtype, values.shape, {values.bytes.begin(), values.bytes.end()}};
               });
  std::vector<std::vector<Tensor>> placed(picks.size());
  for (std::size_t i = 0; i < picks.size(); ++i) {
    for (const std::size_t place : observed.by_place) placed[i].push_back(found[i][place]);
  }
  return placed;
}

std::size_t bytes_of(const std::vector<Tensor>& tensors) {
  std::size_t bytes = 0;
  for (const Tensor& tensor : tensors) bytes += tensor.bytes().size();
  return bytes;
}

}  // namespace

std::vector<BlockSample> block_samples(const BlockRuns& runs, const BlockNetwork& network,
                                       std::size_t most_bytes) {
  const Graph quantized_graph(runs.quantized_model.proto().graph());
  Observed quantized;
  Observed exact;
  for (const BlockInput& input : network.inputs()) {
    quantized.add(read_in(quantized_graph, input));
    exact.add(input.tensor);
  }
  exact.add(network.block().output);
  const std::size_t bytes =
      bytes_of(collect(runs.quantized, runs.quantized_model, quantized, {0}).front()) +
      bytes_of(collect(runs.reference, runs.reference_model, exact, {0}).front());
  const std::size_t most = std::max<std::size_t>(most_bytes / std::max<std::size_t>(bytes, 1), 2);
  const auto picks = evenly_spread(most, runs.quantized.samples());
  auto from_quantized = collect(runs.quantized, runs.quantized_model, quantized, picks);
  auto from_reference = collect(runs.reference, runs.reference_model, exact, picks);
  std::vector<BlockSample> samples(picks.size());
  for (std::size_t i = 0; i < picks.size(); ++i) {
    samples[i].quantized = std::move(from_quantized[i]);
    samples[i].target = std::move(from_reference[i].back());
    from_reference[i].pop_back();
    samples[i].exact = std::move(from_reference[i]);
  }
  return samples;
}

}  // namespace octavo
