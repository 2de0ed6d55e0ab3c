#include "search/measure_costs.h"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "model/graph.h"
#include "model/tensor_proto.h"
#include "onnx/onnx-ml.pb.h"
#include "runtime/stand_in.h"
#include "search/node_times.h"

namespace octavo {
namespace {

constexpr int kRuns = 40;

// x -> QuantizeLinear -> q, or q -> DequantizeLinear -> y, alone.
Model conversion(std::string_view op_type, std::size_t elements, const Profile& profile) {
  const DType codes = profile.activation.dtype;
  onnx::ModelProto proto;
  proto.set_ir_version(10);
  proto.add_opset_import()->set_version(profile.opset);
  onnx::GraphProto& graph = *proto.mutable_graph();
  graph.set_name("conversion");
  const bool quantizes = op_type == "QuantizeLinear";
  const auto declare = [&](onnx::ValueInfoProto& value, const char* name, DType dtype) {
    value.set_name(name);
    onnx::TypeProto::Tensor& type = *value.mutable_type()->mutable_tensor_type();
    type.set_elem_type(to_onnx(dtype));
    type.mutable_shape()->add_dim()->set_dim_value(static_cast<std::int64_t>(elements));
  };
  declare(*graph.add_input(), "from", quantizes ? DType::kFloat32 : codes);
  declare(*graph.add_output(), "to", quantizes ? codes : DType::kFloat32);
  *graph.add_initializer() = tensor_to_proto(Tensor::of<float>({}, std::vector<float>{0.1F}), "s");
  *graph.add_initializer() = tensor_to_proto(Tensor(codes, {}), "z");
  onnx::NodeProto& node = *graph.add_node();
  node.set_op_type(std::string(op_type));
  node.set_name("conversion");
  for (const char* input : {"from", "s", "z"}) node.add_input(input);
  node.add_output("to");
  return Model(std::move(proto));
}

struct Line {
  double fixed_us = 0;
  double us_per_element = 0;
};

// Through the times of a small and a large one.
Line conversion_time(std::string_view op_type, const Profile& profile, const Executor& executor,
                     int threads) {
  constexpr std::size_t kSmall = 256;
  constexpr std::size_t kLarge = 1U << 17U;
  const DType from = op_type == "QuantizeLinear" ? DType::kFloat32 : profile.activation.dtype;
  const auto time = [&](std::size_t elements) {
    const std::vector<Tensor> inputs = {Tensor(from, {static_cast<std::int64_t>(elements)})};
    const Model model = conversion(op_type, elements, profile);
    return time_of(times_by_node(model, inputs, executor, {threads, kRuns}), "conversion");
  };
  const double small = time(kSmall);
  const double slope = std::max(0.0, time(kLarge) - small) / static_cast<double>(kLarge - kSmall);
  return {small, slope};
}

// What an absorbed activation takes counts for the node that absorbs it.
std::string_view unit_of(const NodePlacement& placed, const Graph& graph,
                         const std::map<std::string_view, std::string_view>& units) {
  if (placed.decision != Decision::kAbsorbed) return placed.node;
  const onnx::NodeProto& node = *graph.node(placed.node);
  return units.at(graph.producer(node.input(0))->name());
}

}  // namespace

CoverageCosts measure_costs(const Model& prepared, const Model& quantized,
                            const Placement& placement, const Sample& sample,
                            const Executor& executor, int threads, const Profile& profile) {
  CoverageCosts costs;
  const Graph graph(prepared.proto().graph());
  const NodeTimes float_times = times_by_node(prepared, sample.inputs, executor, {threads, kRuns});
  const NodeTimes integer_times =
      times_by_node(quantized, sample.inputs, executor, {threads, kRuns});
  std::map<std::string_view, std::string_view> units;
  for (const NodePlacement& node : placement.nodes) {
    const std::string_view unit = unit_of(node, graph, units);
    units.emplace(node.node, unit);
    UnitTime& time = costs.nodes[std::string(unit)];
    time.in_float += time_of(float_times, node.node);
    time.on_integers += time_of(integer_times, node.node);
  }
  SessionOptions options;
  for (const QuantizedActivation& tensor : placement.activations) {
    options.outputs.push_back(tensor.tensor);
  }
  make_stand_in()  // it loads faster than others
      ->load(prepared, options)
      ->run(sample.inputs, [&](std::size_t index, const TensorView& view) {
        costs.elements[options.outputs[index]] = element_count(view.shape);
      });
  const Line quantize = conversion_time("QuantizeLinear", profile, executor, threads);
  const Line dequantize = conversion_time("DequantizeLinear", profile, executor, threads);
  costs.quantize_per_element = quantize.us_per_element;
  costs.dequantize_per_element = dequantize.us_per_element;
  costs.conversion = std::max(quantize.fixed_us, dequantize.fixed_us);
  return costs;
}

}  // namespace octavo
