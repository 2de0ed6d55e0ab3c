#include "repair/staged_run.h"

#include <algorithm>
#include <atomic>
#include <unordered_set>
#include <utility>

#include "model/subgraph.h"

namespace octavo {
namespace {

constexpr std::size_t kMaxKeptBytes = std::size_t{512} << 20;

class KeptSamples final : public Dataset {
 public:
  explicit KeptSamples(std::vector<Sample> samples) : samples_(std::move(samples)) {}
  std::size_t size() const override { return samples_.size(); }
  bool labelled() const override { return false; }
  Sample at(std::size_t index) const override { return samples_[index]; }

 private:
  std::vector<Sample> samples_;
};

// A length that differs between samples is free.
TensorInfo common_info(const std::string& name, const std::vector<Sample>& samples,
                       std::size_t input) {
  const Tensor& first = samples.front().inputs[input];
  TensorInfo info{name, first.dtype(), first.shape()};
  for (const Sample& sample : samples) {
    const Shape& shape = sample.inputs[input].shape();
    if (shape.size() != info.shape.size()) continue;
    for (std::size_t i = 0; i < shape.size(); ++i) {
      if (shape[i] != info.shape[i]) info.shape[i] = -1;
    }
  }
  return info;
}

}  // namespace

StagedRun::StagedRun(const Dataset& data, const Executor& executor, int threads)
    : data_(&data), executor_(&executor), threads_(threads) {}

Observer StagedRun::observer(const Model& model, std::span<const std::string> tensors,
                             std::span<const TensorInfo> more) const {
  std::vector<TensorInfo> inputs = kept_ == nullptr ? model.inputs() : inputs_;
  inputs.insert(inputs.end(), more.begin(), more.end());
  const Model part = subgraph(model, inputs, tensors);
  return {part, tensors, *executor_, threads_};
}

void StagedRun::observe(const Model& model, std::span<const std::string> tensors,
                        const Observer::Visitor& visit) const {
  if (tensors.empty()) return;
  observer(model, tensors).observe(from_here(), 0, samples(), visit);
}

void StagedRun::advance(const Model& model, const std::set<std::string, std::less<>>& pending) {
  const std::vector<std::string> cut = cut_before(Graph(model.proto().graph()), pending);
  const bool is_here =
      std::equal(cut.begin(), cut.end(), inputs_.begin(), inputs_.end(),
                 [](const auto& name, const auto& info) { return name == info.name; });
  if (is_here || cut.empty()) return;
  std::vector<Sample> samples(data_->size());
  for (Sample& sample : samples) sample.inputs.resize(cut.size());
  std::atomic<std::size_t> bytes = 0;
  observe(model, cut, [&](std::size_t sample, std::size_t tensor, const TensorView& values) {
    bytes += values.bytes.size();
    if (bytes > kMaxKeptBytes) return;
    samples[sample].inputs[tensor] = {
        values.dtype, values.shape, {values.bytes.begin(), values.bytes.end()}};
  });
  if (bytes > kMaxKeptBytes) return;
  inputs_.clear();
  for (std::size_t i = 0; i < cut.size(); ++i) inputs_.push_back(common_info(cut[i], samples, i));
  kept_ = std::make_shared<const KeptSamples>(std::move(samples));
}

std::vector<std::string> cut_before(const Graph& graph,
                                    const std::set<std::string, std::less<>>& pending) {
  std::unordered_set<std::string_view> varying;  // tensors that differ from sample to sample
  for (const auto& input : graph.proto().input()) {
    if (!graph.is_initializer(input.name())) varying.insert(input.name());
  }
  std::unordered_set<std::string_view> open;  // tensors that depend on a pending layer
  std::vector<std::string> cut;
  std::unordered_set<std::string> in_cut;
  const auto add = [&](const std::string& tensor) {
    const onnx::NodeProto* producer = graph.producer(tensor);
    const bool from_codes = producer != nullptr && producer->op_type() == "DequantizeLinear" &&
                            varying.contains(producer->input(0));
    const std::string& kept = from_codes ? producer->input(0) : tensor;
    if (in_cut.insert(kept).second) cut.push_back(kept);
  };
  for (const onnx::NodeProto& node : graph.proto().node()) {
    const std::vector<std::string_view> inputs = names_read(node);
    const bool is_open = pending.contains(node.name()) ||
                         std::any_of(inputs.begin(), inputs.end(),
                                     [&](const auto& name) { return open.contains(name); });
    const bool varies = std::any_of(inputs.begin(), inputs.end(),
                                    [&](const auto& name) { return varying.contains(name); });
    for (const std::string_view input : inputs) {
      if (is_open && varying.contains(input) && !open.contains(input)) add(std::string(input));
    }
    for (const std::string& output : node.output()) {
      if (is_open) open.insert(output);
      if (varies) varying.insert(output);
    }
  }
  return cut;
}

}  // namespace octavo
