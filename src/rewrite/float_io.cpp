#include "rewrite/float_io.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/check.h"
#include "model/graph.h"
#include "model/io_params.h"
#include "model/name_pool.h"
#include "model/tensor_proto.h"
#include "model/value_info.h"
#include "octavo/error.h"

namespace octavo {
namespace {

bool is_one_code(const IoParams& params) {
  return params.scale.size() == 1 && params.zero_point[0] == std::nearbyint(params.zero_point[0]);
}

// One number, or one a channel in the shape that broadcasts over `info`.
Tensor channel_values(const std::vector<double>& values, const TensorInfo& info) {
  Shape shape;
  if (values.size() > 1) {
    const auto axis = channel_axis(info.shape, values.size());
    if (!axis) {
      throw Error(ErrorCode::kInvalidModel,
                  fmt::format("input '{}' of shape {}: the metadata have scales of {} channels",
                              info.name, to_string(info.shape), values.size()));
    }
    shape.assign(info.shape.size() - *axis, 1);
    shape.front() = static_cast<std::int64_t>(values.size());
  }
  return Tensor::of<float>(shape, std::vector<float>(values.begin(), values.end()));
}

// What may stand between pixels and the layer whose weights are folded for them. None is a Cast,
// with which a normalization by nodes of the model begins.
constexpr std::array<std::string_view, 4> kPassesPixels = {"DequantizeLinear", "Pad",
                                                           "QuantizeLinear", "Transpose"};

class BorderReader {
 public:
  explicit BorderReader(Model model)
      : model_(std::move(model)), graph_(*model_.mutable_proto().mutable_graph()), names_(graph_) {}

  Model run() {
    for (onnx::ValueInfoProto& input : *graph_.mutable_input()) {
      if (Graph(graph_).is_initializer(input.name())) continue;
      if (const auto params = params_of(input)) feed_numbers(input, *params);
    }
    for (onnx::ValueInfoProto& output : *graph_.mutable_output()) {
      if (const auto params = params_of(output)) give_numbers(output, *params);
    }
    put_first();
    check_model(model_, "float inputs and outputs");
    return std::move(model_);
  }

 private:
  // Nothing: numbers already.
  std::optional<IoParams> params_of(const onnx::ValueInfoProto& info) const {
    if (info.type().tensor_type().elem_type() == onnx::TensorProto::FLOAT) return std::nullopt;
    return io_params(model_, info.name());
  }

  void feed_numbers(onnx::ValueInfoProto& input, const IoParams& params) {
    const TensorInfo info = tensor_info(input);
    const std::string codes = names_.take(info.name + "_codes");
    for (onnx::NodeProto& node : *graph_.mutable_node()) {
      std::replace(node.mutable_input()->begin(), node.mutable_input()->end(), info.name, codes);
    }
    if (is_one_code(params)) {
      add("QuantizeLinear", {info.name, store_scale(info, params), store_zero_point(info, params)},
          codes);
    } else {
      make_codes(info, params, codes);
      rename_pixels(codes);
    }
    input.mutable_type()->mutable_tensor_type()->set_elem_type(onnx::TensorProto::FLOAT);
  }

  // Clip takes bounds of its input's type.
  void make_codes(const TensorInfo& info, const IoParams& params, const std::string& codes) {
    const DTypeTraits& type = traits(info.dtype);
    const auto bound = [&](double value) {
      return store(Tensor::of<float>({}, std::vector<float>{static_cast<float>(value)}),
                   info.name + "_bound");
    };
    std::string current = info.name;
    const auto then = [&](std::string_view op_type, std::vector<std::string> operands) {
      operands.insert(operands.begin(), current);
      current = names_.take(info.name + "_on_grid");
      add(op_type, operands, current);
    };
    then("Div", {store_scale(info, params)});
    then("Add", {store(channel_values(params.zero_point, info), info.name + "_zero_point")});
    then("Round", {});
    then("Clip", {bound(type.lowest), bound(type.highest)});
    auto& to = *add("Cast", {current}, codes).add_attribute();
    to.set_name("to");
    to.set_type(onnx::AttributeProto::INT);
    to.set_i(to_onnx(info.dtype));
  }

  // Tensors that hold pixels here and numbers in the float model must not go by one name.
  void rename_pixels(const std::string& codes) {
    std::set<std::string> pixels = {codes};
    for (onnx::NodeProto& node : *graph_.mutable_node()) {
      const bool passes = std::find(kPassesPixels.begin(), kPassesPixels.end(), node.op_type()) !=
                          kPassesPixels.end();
      if (!passes || !pixels.contains(node.input(0))) continue;
      const std::string name = node.output(0);
      const std::string renamed = names_.take(name + "_in_pixels");
      node.set_output(0, renamed);
      for (onnx::NodeProto& reader : *graph_.mutable_node()) {
        std::replace(reader.mutable_input()->begin(), reader.mutable_input()->end(), name, renamed);
      }
      pixels.insert(renamed);
    }
  }

  void give_numbers(onnx::ValueInfoProto& output, const IoParams& params) {
    const TensorInfo info = tensor_info(output);
    if (!is_one_code(params)) {
      throw Error(ErrorCode::kInvalidModel,
                  fmt::format("output '{}': the metadata have {} scale(s) and the zero point {}, "
                              "expected one scale and a whole zero point",
                              info.name, params.scale.size(), params.zero_point[0]));
    }
    const std::string codes = names_.take(info.name + "_codes");
    for (onnx::NodeProto& node : *graph_.mutable_node()) {
      std::replace(node.mutable_input()->begin(), node.mutable_input()->end(), info.name, codes);
      std::replace(node.mutable_output()->begin(), node.mutable_output()->end(), info.name, codes);
    }
    onnx::NodeProto& node = *graph_.add_node();
    fill(node, "DequantizeLinear",
         {codes, store_scale(info, params), store_zero_point(info, params)}, info.name);
    output.mutable_type()->mutable_tensor_type()->set_elem_type(onnx::TensorProto::FLOAT);
  }

  std::string store(const Tensor& tensor, const std::string& wanted) {
    std::string name = names_.take(wanted);
    *graph_.add_initializer() = tensor_to_proto(tensor, name);
    return name;
  }

  std::string store_scale(const TensorInfo& info, const IoParams& params) {
    return store(channel_values(params.scale, info), info.name + "_scale");
  }

  std::string store_zero_point(const TensorInfo& info, const IoParams& params) {
    Tensor zero_point(info.dtype, {});
    traits(info.dtype).encode(zero_point.mutable_bytes().data(), 0, params.zero_point[0]);
    return store(zero_point, info.name + "_zero_point");
  }

  void fill(onnx::NodeProto& node, std::string_view op_type, const std::vector<std::string>& inputs,
            const std::string& output) {
    node.set_op_type(std::string(op_type));
    node.set_name(names_.take(fmt::format("{}/{}", output, op_type)));
    for (const std::string& input : inputs) node.add_input(input);
    node.add_output(output);
  }

  onnx::NodeProto& add(std::string_view op_type, const std::vector<std::string>& inputs,
                       const std::string& output) {
    onnx::NodeProto& node = first_.emplace_back();
    fill(node, op_type, inputs, output);
    return node;
  }

  void put_first() {
    std::vector<onnx::NodeProto> nodes = std::move(first_);
    for (onnx::NodeProto& node : *graph_.mutable_node()) nodes.push_back(std::move(node));
    graph_.clear_node();
    for (onnx::NodeProto& node : nodes) *graph_.add_node() = std::move(node);
  }

  Model model_;
  onnx::GraphProto& graph_;
  NamePool names_;
  std::vector<onnx::NodeProto> first_;
};

}  // namespace

Model with_float_io(Model model) { return BorderReader(std::move(model)).run(); }

}  // namespace octavo
