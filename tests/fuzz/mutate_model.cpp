#include "fuzz/mutate_model.h"

#include <array>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "onnx/onnx-ml.pb.h"

namespace octavo::fuzz {
namespace {

constexpr std::array<std::int64_t, 14> kIntegers = {0,
                                                    1,
                                                    -1,
                                                    2,
                                                    3,
                                                    4,
                                                    7,
                                                    8,
                                                    127,
                                                    -128,
                                                    1 << 20,
                                                    std::numeric_limits<std::int32_t>::max(),
                                                    std::numeric_limits<std::int64_t>::max(),
                                                    std::numeric_limits<std::int64_t>::min()};
constexpr std::array<float, 8> kReals = {0,
                                         1,
                                         -1,
                                         1e-40F,
                                         1e38F,
                                         6,
                                         std::numeric_limits<float>::infinity(),
                                         std::numeric_limits<float>::quiet_NaN()};
const std::array<std::string, 46> kOperators = {"Add",
                                                "AveragePool",
                                                "BatchNormalization",
                                                "Cast",
                                                "Clip",
                                                "Concat",
                                                "Constant",
                                                "ConstantOfShape",
                                                "Conv",
                                                "ConvTranspose",
                                                "DequantizeLinear",
                                                "Div",
                                                "Dropout",
                                                "Expand",
                                                "Flatten",
                                                "Gather",
                                                "Gemm",
                                                "GlobalAveragePool",
                                                "HardSigmoid",
                                                "HardSwish",
                                                "Identity",
                                                "If",
                                                "LSTM",
                                                "LeakyRelu",
                                                "Loop",
                                                "MatMul",
                                                "MaxPool",
                                                "Mul",
                                                "Neg",
                                                "Pad",
                                                "QuantizeLinear",
                                                "ReduceMean",
                                                "ReduceSum",
                                                "Relu",
                                                "Reshape",
                                                "Resize",
                                                "Scatter",
                                                "Shape",
                                                "Sigmoid",
                                                "Slice",
                                                "Softmax",
                                                "Split",
                                                "Squeeze",
                                                "Sub",
                                                "Transpose",
                                                "Unsqueeze"};
const std::array<std::string, 14> kAttributes = {
    "alpha",        "axes", "axis", "beta", "block_size", "dilations", "group",
    "kernel_shape", "mode", "pads", "perm", "strides",    "to",        "transB"};

class Mutator {
 public:
  Mutator(onnx::ModelProto& model, unsigned seed)
      : graph_(*model.mutable_graph()), model_(model), random_(seed) {}

  void mutate() {
    using Edit = void (Mutator::*)();
    constexpr std::array<Edit, 12> kEdits = {
        &Mutator::edit_inputs,      &Mutator::edit_inputs,    &Mutator::edit_operator,
        &Mutator::edit_attribute,   &Mutator::edit_attribute, &Mutator::edit_node_list,
        &Mutator::edit_initializer, &Mutator::edit_data,      &Mutator::edit_value_info,
        &Mutator::edit_outputs,     &Mutator::edit_body,      &Mutator::edit_opset};
    for (std::size_t edits = 1 + below(3); edits > 0; --edits)
      (this->*kEdits[below(kEdits.size())])();
  }

 private:
  std::size_t below(std::size_t limit) { return random_() % limit; }
  int index(int count) { return static_cast<int>(below(static_cast<std::size_t>(count))); }
  bool one_in(std::size_t times) { return below(times) == 0; }
  std::int64_t integer() {
    return one_in(3) ? kIntegers[below(kIntegers.size())]
                     : static_cast<std::int64_t>(below(12)) - 3;
  }

  // A tensor that the graph has, mostly.
  std::string tensor() {
    std::vector<std::string> names = {""};
    for (const auto& input : graph_.input()) names.push_back(input.name());
    for (const auto& initializer : graph_.initializer()) names.push_back(initializer.name());
    for (const auto& node : graph_.node()) {
      names.insert(names.end(), node.output().begin(), node.output().end());
    }
    return names[below(names.size())];
  }

  onnx::NodeProto& node() {
    if (graph_.node_size() == 0) graph_.add_node()->add_output("made");
    return *graph_.mutable_node(index(graph_.node_size()));
  }

  void edit_inputs() {
    onnx::NodeProto& edited = node();
    if (edited.input_size() == 0 || one_in(6)) {
      edited.add_input(tensor());
    } else if (one_in(6)) {
      edited.mutable_input()->RemoveLast();
    } else {
      edited.set_input(index(edited.input_size()), tensor());
    }
  }

  void edit_operator() {
    onnx::NodeProto& edited = node();
    if (one_in(8)) edited.set_domain(one_in(2) ? "com.microsoft" : "ai.onnx");
    if (one_in(8)) edited.set_name(node().name());
    edited.set_op_type(kOperators[below(kOperators.size())]);
  }

  void edit_attribute() {
    onnx::NodeProto& edited = node();
    if (edited.attribute_size() == 0 || one_in(4)) {
      edited.add_attribute()->set_name(kAttributes[below(kAttributes.size())]);
    }
    onnx::AttributeProto& attribute = *edited.mutable_attribute(index(edited.attribute_size()));
    switch (below(6)) {
      case 0:
        attribute.set_type(onnx::AttributeProto::INT);
        attribute.set_i(integer());
        break;
      case 1:
        attribute.set_type(onnx::AttributeProto::INTS);
        if (one_in(3)) attribute.clear_ints();
        for (std::size_t i = below(5); i > 0; --i) attribute.add_ints(integer());
        break;
      case 2:
        attribute.set_type(onnx::AttributeProto::FLOAT);
        attribute.set_f(kReals[below(kReals.size())]);
        break;
      case 3:
        attribute.set_type(onnx::AttributeProto::TENSOR);
        if (graph_.initializer_size() > 0) {
          *attribute.mutable_t() = graph_.initializer(index(graph_.initializer_size()));
        }
        break;
      case 4:
        attribute.set_name(kAttributes[below(kAttributes.size())]);
        break;
      default:
        edited.mutable_attribute()->RemoveLast();
    }
  }

  void edit_node_list() {
    const int count = graph_.node_size();
    if (count == 0) return;
    const int from = index(count);
    if (one_in(3)) {  // an operator twice, on another tensor
      onnx::NodeProto copy = graph_.node(from);
      const std::string made = "copy" + std::to_string(below(1000));
      if (copy.output_size() > 0) copy.set_output(0, made);
      copy.set_name(made);
      *graph_.add_node() = copy;
      if (graph_.output_size() > 0 && one_in(2)) graph_.mutable_output(0)->set_name(made);
    } else if (one_in(2)) {
      graph_.mutable_node()->SwapElements(from, index(count));
    } else {
      graph_.mutable_node()->DeleteSubrange(from, 1);
    }
  }

  // A shape, a type or a name; sometimes with data that fit again.
  void edit_initializer() {
    if (graph_.initializer_size() == 0) return;
    onnx::TensorProto& tensor = *graph_.mutable_initializer(index(graph_.initializer_size()));
    if (one_in(4)) tensor.set_data_type(static_cast<int>(below(26)));
    if (one_in(3)) tensor.clear_dims();
    if (one_in(2)) tensor.add_dims(static_cast<std::int64_t>(below(6)));
    if (tensor.dims_size() > 0 && one_in(3)) {
      tensor.set_dims(index(tensor.dims_size()), one_in(3) ? integer() : 1 + below(6));
    }
    std::int64_t elements = 1;
    for (const std::int64_t length : tensor.dims()) {
      if (length < 0 || length > 64 || elements > 4096) return;
      elements *= length;
    }
    if (elements > 4096) return;
    constexpr std::array<std::size_t, 27> kBytes = {0, 4,  1, 1, 2, 2, 4, 8, 0, 1, 2, 8, 4, 8,
                                                    8, 16, 2, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0};
    const auto type = static_cast<std::size_t>(tensor.data_type());
    if (type >= kBytes.size() || kBytes[type] == 0 || one_in(8)) return;
    tensor.mutable_raw_data()->resize(static_cast<std::size_t>(elements) * kBytes[type], '\x01');
  }

  void edit_data() {
    if (graph_.initializer_size() == 0) return;
    onnx::TensorProto& tensor = *graph_.mutable_initializer(index(graph_.initializer_size()));
    std::string& data = *tensor.mutable_raw_data();
    if (tensor.data_type() == 1 && data.size() >= sizeof(float)) {
      const float value = kReals[below(kReals.size())];
      std::memcpy(data.data() + below(data.size() / sizeof value) * sizeof value, &value,
                  sizeof value);
    } else if (tensor.data_type() == 7 && data.size() >= sizeof(std::int64_t)) {
      const std::int64_t value = integer();
      std::memcpy(data.data() + below(data.size() / sizeof value) * sizeof value, &value,
                  sizeof value);
    } else if (!data.empty()) {
      data[below(data.size())] = static_cast<char>(random_());
    }
  }

  void edit_value_info() {
    if (graph_.input_size() == 0 || one_in(8)) {
      onnx::ValueInfoProto& added = *(one_in(2) ? graph_.add_value_info() : graph_.add_input());
      if (graph_.input_size() > 0) added = graph_.input(0);
      added.set_name(tensor());
      return;
    }
    onnx::ValueInfoProto& info = one_in(3) && graph_.output_size() > 0
                                     ? *graph_.mutable_output(index(graph_.output_size()))
                                     : *graph_.mutable_input(index(graph_.input_size()));
    auto& type = *info.mutable_type()->mutable_tensor_type();
    if (one_in(4)) type.set_elem_type(static_cast<int>(below(26)));
    auto& shape = *type.mutable_shape();
    if (shape.dim_size() == 0 || one_in(4)) shape.add_dim();
    auto& dimension = *shape.mutable_dim(index(shape.dim_size()));
    one_in(3) ? dimension.set_dim_param("N") : dimension.set_dim_value(integer());
  }

  void edit_outputs() {
    if (graph_.output_size() == 0 || one_in(4)) graph_.add_output();
    graph_.mutable_output(index(graph_.output_size()))->set_name(tensor());
  }

  // A node with a body that reads from outside.
  void edit_body() {
    if (!one_in(4) || graph_.ByteSizeLong() > 2048) return;
    onnx::AttributeProto& attribute = *node().add_attribute();
    attribute.set_name(one_in(2) ? "then_branch" : "body");
    attribute.set_type(onnx::AttributeProto::GRAPH);
    onnx::GraphProto& body = *attribute.mutable_g();
    onnx::NodeProto& inner = *body.add_node();
    inner.set_op_type(kOperators[below(kOperators.size())]);
    inner.add_input(tensor());
    inner.add_output("inner");
    body.add_output()->set_name(one_in(3) ? tensor() : "inner");
  }

  void edit_opset() {
    if (!one_in(3) || model_.opset_import_size() == 0) return;
    model_.mutable_opset_import(0)->set_version(static_cast<std::int64_t>(6 + below(20)));
  }

  onnx::GraphProto& graph_;
  onnx::ModelProto& model_;
  std::mt19937 random_;
};

}  // namespace

std::size_t mutate_model(std::span<std::byte> data, std::size_t size, unsigned seed) {
  onnx::ModelProto model;
  if (!model.ParseFromArray(data.data(), static_cast<int>(size))) return size;
  Mutator(model, seed).mutate();
  const std::string bytes = model.SerializePartialAsString();
  if (bytes.empty() || bytes.size() > data.size()) return size;
  std::memcpy(data.data(), bytes.data(), bytes.size());
  return bytes.size();
}

}  // namespace octavo::fuzz
