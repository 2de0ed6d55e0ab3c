#include "repair/rounded_tensors.h"

#include <limits>
#include <string_view>
#include <utility>

#include "model/graph.h"
#include "model/name_pool.h"
#include "model/tensor_proto.h"
#include "onnx/onnx-ml.pb.h"
#include "repair/code_readers.h"

namespace octavo {
namespace {

class Rounder {
 public:
  Rounder(const Model& model, const Plan& plan, std::span<const std::string> tensors)
      : source_(model.proto().graph()), plan_(plan), names_(source_), result_{model, {}, {}} {
    for (const std::string_view name : {"scale", "lowest", "highest"}) {
      result_.inputs.push_back({names_.take("rounding_" + std::string(name)), DType::kFloat32, {}});
    }
    for (const std::string& tensor : tensors) {
      result_.rounded.emplace(tensor, names_.take(tensor + "_rounded"));
    }
  }

  RoundedModel run() {
    graph_ = result_.model.mutable_proto().mutable_graph();
    graph_->clear_node();
    for (const auto& input : source_.input()) round(input.name());
    for (const onnx::NodeProto& node : source_.node()) {
      redirect(*graph_->add_node() = node);
      for (const std::string& output : node.output()) round(output);
    }
    return std::move(result_);
  }

 private:
  void redirect(onnx::NodeProto& node) const {
    for (std::string& input : *node.mutable_input()) {
      const auto found = result_.rounded.find(input);
      if (found != result_.rounded.end() && reads_codes(plan_, node, input)) input = found->second;
    }
  }

  std::string add(std::string_view op_type, std::vector<std::string> inputs, std::string output) {
    onnx::NodeProto& node = *graph_->add_node();
    node.set_op_type(std::string(op_type));
    node.set_name(names_.take(output + "/" + std::string(op_type)));
    for (std::string& input : inputs) node.add_input(std::move(input));
    node.add_output(output);
    return output;
  }

  void round(const std::string& tensor) {
    const auto found = result_.rounded.find(tensor);
    if (found == result_.rounded.end()) return;
    const std::string& scale = result_.inputs[0].name;
    const std::string& lowest = result_.inputs[1].name;
    const std::string& highest = result_.inputs[2].name;
    const std::string& output = found->second;
    std::string steps = add("Div", {tensor, scale}, names_.take(output + "_steps"));
    steps = add("Round", {steps}, names_.take(output + "_whole"));
    steps = add("Clip", {steps, lowest, highest}, names_.take(output + "_clipped"));
    add("Mul", {steps, scale}, output);
  }

  const onnx::GraphProto& source_;
  const Plan& plan_;
  NamePool names_;
  RoundedModel result_;
  onnx::GraphProto* graph_ = nullptr;
};

}  // namespace

RoundedModel with_rounding(const Model& model, const Plan& plan,
                           std::span<const std::string> tensors) {
  return Rounder(model, plan, tensors).run();
}

Rounding to_codes(ScaleZeroPoint params, const Scheme& scheme) {
  const CodeRange codes = code_range(scheme);
  return {params.scale, static_cast<float>(codes.min - params.zero_point),
          static_cast<float>(codes.max - params.zero_point)};
}

Rounding to_endless_codes(float scale) {
  constexpr float kEnd = std::numeric_limits<float>::max();
  return {scale, -kEnd, kEnd};
}

Rounding to_range_of_codes(ScaleZeroPoint params, const Scheme& scheme) {
  constexpr float kFiner = 4096;
  const Rounding codes = to_codes(params, scheme);
  return {codes.scale / kFiner, codes.lowest * kFiner, codes.highest * kFiner};
}

std::vector<Tensor> rounding_inputs(const Rounding& rounding) {
  std::vector<Tensor> inputs;
  for (const float value : {rounding.scale, rounding.lowest, rounding.highest}) {
    inputs.push_back(Tensor::of<float>({}, std::vector<float>{value}));
  }
  return inputs;
}

Model with_fixed(const RoundedModel& rounded, const Rounding& rounding) {
  Model model = rounded.model;
  const std::vector<Tensor> values = rounding_inputs(rounding);
  for (std::size_t i = 0; i < values.size(); ++i) {
    *model.mutable_proto().mutable_graph()->add_initializer() =
        tensor_to_proto(values[i], rounded.inputs[i].name);
  }
  return model;
}

}  // namespace octavo
