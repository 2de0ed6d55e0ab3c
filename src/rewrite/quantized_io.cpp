#include "rewrite/quantized_io.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "model/check.h"
#include "model/graph.h"
#include "model/io_params.h"
#include "model/name_pool.h"
#include "model/tensor_proto.h"
#include "model/value_info.h"
#include "octavo/error.h"
#include "plan/pixel_params.h"

namespace octavo {
namespace {

constexpr int kByteBits = 8;
constexpr std::int32_t kShift = 128;  // from int8 to uint8

bool is_float(const onnx::ValueInfoProto& info) {
  return info.type().tensor_type().elem_type() == onnx::TensorProto::FLOAT;
}

class BorderRewriter {
 public:
  BorderRewriter(Model model, const Plan& plan, const Recipe& recipe)
      : model_(std::move(model)),
        graph_(*model_.mutable_proto().mutable_graph()),
        names_(graph_),
        plan_(plan),
        recipe_(recipe) {}

  Model run() {
    for (onnx::ValueInfoProto& input : *graph_.mutable_input()) {
      const bool fed = !Graph(graph_).is_initializer(input.name());
      if (fed && is_float(input)) convert_input(input);
    }
    if (recipe_.output_dtype) {
      for (onnx::ValueInfoProto& output : *graph_.mutable_output()) {
        if (is_float(output)) convert_output(output, *recipe_.output_dtype);
      }
    }
    put_first();
    check_model(model_, "quantized inputs and outputs");
    return std::move(model_);
  }

 private:
  struct Codes {
    DType dtype = DType::kUint8;
    ScaleZeroPoint params;
    bool operator==(const Codes&) const = default;
  };

  void convert_input(onnx::ValueInfoProto& input) {
    const PlannedActivation* planned = planned_activation(plan_, input.name());
    if (recipe_.pixels) {
      const auto params = pixel_params(*recipe_.pixels);
      const bool codes_are_pixels =
          params && planned != nullptr && codes_of(*planned).params == *params;
      if (!codes_are_pixels) return normalize_pixels(input, *recipe_.pixels);
      return feed_codes(input, codes_of(*planned), DType::kUint8);
    }
    if (!recipe_.input_dtype) return;
    if (planned == nullptr) {
      throw Error(
          ErrorCode::kUnsupported,
          fmt::format("input '{}' has no codes: what reads it stays float (`octavo inspect` "
                      "says why; --coverage widest leaves less in float)",
                      input.name()));
    }
    feed_codes(input, codes_of(*planned), *recipe_.input_dtype);
  }

  static Codes codes_of(const PlannedActivation& activation) {
    const QuantParams& params = activation.params;
    return {params.scheme.dtype, {params.scale.front(), params.zero_point.front()}};
  }

  // The same numbers in the type that the caller wants.
  static Codes as_type(const Codes& codes, DType wanted, const std::string& tensor) {
    if (codes.dtype == wanted) return codes;
    if (traits(codes.dtype).bits != kByteBits || !traits(codes.dtype).is_integer()) {
      throw Error(ErrorCode::kUnsupported,
                  fmt::format("'{}' has {} codes, which {} cannot hold", tensor,
                              traits(codes.dtype).name, traits(wanted).name));
    }
    const std::int32_t shift = wanted == DType::kInt8 ? -kShift : kShift;
    return {wanted, {codes.params.scale, codes.params.zero_point + shift}};
  }

  void feed_codes(onnx::ValueInfoProto& input, const Codes& codes, DType wanted) {
    const std::string name = input.name();
    const Codes fed = as_type(codes, wanted, name);
    std::string numbers;
    for (int i = 0; i < graph_.node_size(); ++i) {
      onnx::NodeProto& node = *graph_.mutable_node(i);
      const bool makes_them = node.op_type() == "QuantizeLinear" && node.input(0) == name;
      if (makes_them && fed == codes) {
        dropped_.push_back(i);
        rename_reads(node.output(0), name);
        continue;
      }
      for (std::string& read : *node.mutable_input()) {
        if (read != name || is_dequantize_of_codes(node)) continue;
        if (numbers.empty()) numbers = add_dequantize(name, fed);
        read = numbers;
      }
    }
    declare(input, fed);
  }

  // Reads that were renamed to the input's own codes.
  bool is_dequantize_of_codes(const onnx::NodeProto& node) const {
    return std::find(renamed_readers_.begin(), renamed_readers_.end(), node.name()) !=
           renamed_readers_.end();
  }

  void rename_reads(const std::string& from, const std::string& to) {
    for (onnx::NodeProto& node : *graph_.mutable_node()) {
      for (std::string& read : *node.mutable_input()) {
        if (read != from) continue;
        read = to;
        renamed_readers_.push_back(node.name());
      }
    }
  }

  void declare(onnx::ValueInfoProto& info, const Codes& codes) {
    info.mutable_type()->mutable_tensor_type()->set_elem_type(to_onnx(codes.dtype));
    set_io_params(model_.mutable_proto(), info.name(),
                  {{codes.params.scale}, {static_cast<double>(codes.params.zero_point)}});
  }

  std::string store(const Tensor& tensor, const std::string& wanted) {
    std::string name = names_.take(wanted);
    *graph_.add_initializer() = tensor_to_proto(tensor, name);
    return name;
  }

  std::pair<std::string, std::string> store_params(const std::string& subject, const Codes& codes) {
    const DTypeTraits& type = traits(codes.dtype);
    Tensor zero_point(codes.dtype, {});
    type.encode(zero_point.mutable_bytes().data(), 0, codes.params.zero_point);
    return {store(Tensor::of<float>({}, std::vector<float>{codes.params.scale}),
                  subject + "_border_scale"),
            store(zero_point, subject + "_border_zero_point")};
  }

  std::string add_dequantize(const std::string& input, const Codes& codes) {
    const auto [scale, zero_point] = store_params(input, codes);
    std::string output = names_.take(input + "_numbers");
    add_first("DequantizeLinear", input, {input, scale, zero_point}, output);
    return output;
  }

  onnx::NodeProto& add_first(std::string_view op_type, const std::string& subject,
                             const std::vector<std::string>& inputs, const std::string& output) {
    onnx::NodeProto& node = first_.emplace_back();
    node.set_op_type(std::string(op_type));
    node.set_name(names_.take(fmt::format("{}/{}", subject, op_type)));
    for (const std::string& read : inputs) node.add_input(read);
    node.add_output(output);
    return node;
  }

  // Cast, then what of ((p / divide) - mean) / std * multiply changes anything.
  void normalize_pixels(onnx::ValueInfoProto& input, const Normalization& steps) {
    const std::string name = input.name();
    const Shape shape = tensor_info(input).shape;
    std::string current = names_.take(name + "_pixels");
    onnx::NodeProto& cast = add_first("Cast", name, {name}, current);
    auto& to = *cast.add_attribute();
    to.set_name("to");
    to.set_type(onnx::AttributeProto::INT);
    to.set_i(onnx::TensorProto::FLOAT);
    struct Step {
      std::string_view op_type;
      std::vector<double> values;
      double neutral;
    };
    for (const auto& [op_type, values, neutral] :
         std::array<Step, 4>{{{"Div", {steps.divide}, 1},
                              {"Sub", steps.mean, 0},
                              {"Div", steps.standard_deviation, 1},
                              {"Mul", {steps.multiply}, 1}}}) {
      if (values == std::vector<double>{neutral}) continue;
      const std::string operand =
          store(channel_values(values, shape, name), name + "_normalization");
      std::string next = names_.take(name + "_normalized");
      add_first(op_type, name, {current, operand}, next);
      current = std::move(next);
    }
    for (onnx::NodeProto& node : *graph_.mutable_node()) {
      std::replace(node.mutable_input()->begin(), node.mutable_input()->end(), name, current);
    }
    input.mutable_type()->mutable_tensor_type()->set_elem_type(onnx::TensorProto::UINT8);
    set_io_params(model_.mutable_proto(), name, pixel_meaning(steps));
  }

  // One number, or one a channel, in the shape that broadcasts over `image`.
  static Tensor channel_values(const std::vector<double>& values, const Shape& image,
                               const std::string& input) {
    Shape shape;
    if (values.size() > 1) {
      const auto axis = channel_axis(image, values.size());
      if (!axis) {
        throw Error(ErrorCode::kInvalidArgument,
                    fmt::format("input '{}' has shape {}, the normalization of its pixels {} "
                                "channels",
                                input, to_string(image), values.size()));
      }
      shape.assign(image.size() - *axis, 1);
      shape.front() = static_cast<std::int64_t>(values.size());
    }
    return Tensor::of<float>(shape, std::vector<float>(values.begin(), values.end()));
  }

  void convert_output(onnx::ValueInfoProto& output, DType wanted) {
    const std::string name = output.name();
    onnx::NodeProto* maker = nullptr;
    for (onnx::NodeProto& node : *graph_.mutable_node()) {
      const bool makes_it = node.output_size() > 0 && node.output(0) == name;
      if (makes_it && node.op_type() == "DequantizeLinear") maker = &node;
    }
    const PlannedActivation* planned = planned_activation(plan_, name);
    if (maker == nullptr || planned == nullptr) {
      throw Error(ErrorCode::kUnsupported,
                  fmt::format("output '{}' has no codes: {}", name, why_float(name)));
    }
    const Codes codes = codes_of(*planned);
    const Codes given = as_type(codes, wanted, name);
    const std::string numbers = names_.take(name + "_numbers");
    maker->set_output(0, numbers);
    for (onnx::NodeProto& node : *graph_.mutable_node()) {
      std::replace(node.mutable_input()->begin(), node.mutable_input()->end(), name, numbers);
    }
    if (given == codes) {
      const std::string from = maker->input(0);  // which lies in what is changed
      rename_everywhere(from, name);
    } else {
      const auto [scale, zero_point] = store_params(name, given);
      onnx::NodeProto& node = *graph_.add_node();
      node.set_op_type("QuantizeLinear");
      node.set_name(names_.take(name + "/QuantizeLinear"));
      for (const std::string& read : {numbers, scale, zero_point}) node.add_input(read);
      node.add_output(name);
    }
    declare(output, given);
  }

  // Of the node that makes `tensor`.
  std::string why_float(const std::string& tensor) const {
    const onnx::NodeProto* maker = Graph(graph_).producer(tensor);
    for (const NodePlacement& node : plan_.nodes) {
      if (maker == nullptr || node.node != maker->name()) continue;
      return fmt::format("'{}', a {}, stays float: {}", node.node, node.op_type, node.reason);
    }
    return "what makes it stays float";
  }

  void rename_everywhere(const std::string& from, const std::string& to) {
    for (onnx::NodeProto& node : *graph_.mutable_node()) {
      std::replace(node.mutable_input()->begin(), node.mutable_input()->end(), from, to);
      std::replace(node.mutable_output()->begin(), node.mutable_output()->end(), from, to);
    }
  }

  // The new nodes in front, without those that have become superfluous.
  void put_first() {
    std::vector<onnx::NodeProto> nodes = std::move(first_);
    for (int i = 0; i < graph_.node_size(); ++i) {
      const bool dropped = std::find(dropped_.begin(), dropped_.end(), i) != dropped_.end();
      if (!dropped) nodes.push_back(std::move(*graph_.mutable_node(i)));
    }
    graph_.clear_node();
    for (onnx::NodeProto& node : nodes) *graph_.add_node() = std::move(node);
    drop_what_nothing_reads();
  }

  // DequantizeLinear behind an output that is codes now, and scales without a reader.
  void drop_what_nothing_reads() {
    const Graph before(graph_);
    const auto unread = [](const Graph& graph, std::string_view tensor) {
      return graph.uses(tensor).empty() && !graph.is_output(tensor) &&
             !graph.used_in_subgraph(tensor);
    };
    std::vector<std::string> gone;
    for (const onnx::NodeProto& node : graph_.node()) {
      const bool dead = node.op_type() == "DequantizeLinear" && unread(before, node.output(0));
      if (dead) gone.push_back(node.name());
    }
    auto& nodes = *graph_.mutable_node();
    nodes.erase(std::remove_if(nodes.begin(), nodes.end(),
                               [&](const onnx::NodeProto& node) {
                                 return std::find(gone.begin(), gone.end(), node.name()) !=
                                        gone.end();
                               }),
                nodes.end());
    const Graph after(graph_);
    std::vector<std::string> dead;
    for (const onnx::TensorProto& tensor : graph_.initializer()) {
      if (unread(after, tensor.name()) && !after.is_input(tensor.name())) {
        dead.push_back(tensor.name());
      }
    }
    auto& initializers = *graph_.mutable_initializer();
    initializers.erase(std::remove_if(initializers.begin(), initializers.end(),
                                      [&](const onnx::TensorProto& tensor) {
                                        return std::find(dead.begin(), dead.end(), tensor.name()) !=
                                               dead.end();
                                      }),
                       initializers.end());
  }

  Model model_;
  onnx::GraphProto& graph_;
  NamePool names_;
  const Plan& plan_;
  const Recipe& recipe_;
  std::vector<onnx::NodeProto> first_;
  std::vector<int> dropped_;  // positions in the graph as it was
  std::vector<std::string> renamed_readers_;
};

}  // namespace

Model with_quantized_io(Model model, const Plan& plan, const Recipe& recipe) {
  if (!recipe.input_dtype && !recipe.output_dtype && !recipe.pixels) return model;
  return BorderRewriter(std::move(model), plan, recipe).run();
}

}  // namespace octavo
