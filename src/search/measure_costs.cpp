#include "search/measure_costs.h"

#include <algorithm>
#include <array>
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

constexpr double kConversionSeconds = 0.25;

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

struct Conversions {
  Line quantize;
  Line dequantize;
};

// Each through the times of a small and a large one.
Conversions measure_conversions(const Profile& profile, const Executor& executor, int threads) {
  constexpr std::array<std::size_t, 2> kElements = {256, 1U << 17U};
  std::vector<Model> models;
  std::vector<std::vector<Tensor>> inputs;
  for (const char* op_type : {"QuantizeLinear", "DequantizeLinear"}) {
    for (const std::size_t elements : kElements) {
      models.push_back(conversion(op_type, elements, profile));
      const TensorInfo from = models.back().inputs().front();
      inputs.push_back({Tensor(from.dtype, from.shape)});
    }
  }
  std::vector<ProfiledModel> profiled;
  for (std::size_t i = 0; i < models.size(); ++i) profiled.push_back({models[i], inputs[i]});
  const std::vector<NodeTimes> times =
      times_by_node(profiled, executor, {threads, kConversionSeconds});
  const auto line = [&](std::size_t first) {
    const double small = time_of(times[first], "conversion");
    const double more = time_of(times[first + 1], "conversion") - small;
    return Line{small, std::max(0.0, more) / static_cast<double>(kElements[1] - kElements[0])};
  };
  return {line(0), line(2)};
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
  const std::vector<ProfiledModel> both = {{prepared, sample.inputs}, {quantized, sample.inputs}};
  const std::vector<NodeTimes> times = times_by_node(both, executor, {threads});
  std::map<std::string_view, std::string_view> units;
  for (const NodePlacement& node : placement.nodes) {
    const std::string_view unit = unit_of(node, graph, units);
    units.emplace(node.node, unit);
    UnitTime& time = costs.nodes[std::string(unit)];
    time.in_float += time_of(times[0], node.node);
    time.on_integers += time_of(times[1], node.node);
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
  const auto [quantize, dequantize] = measure_conversions(profile, executor, threads);
  costs.quantize_per_element = quantize.us_per_element;
  costs.dequantize_per_element = dequantize.us_per_element;
  costs.conversion = std::max(quantize.fixed_us, dequantize.fixed_us);
  return costs;
}

}  // namespace octavo
