#include "model/print.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string_view>
#include <vector>

#include "model/tensor_proto.h"
#include "octavo/dtype.h"
#include "octavo/tensor.h"

namespace octavo {
namespace {

std::string in_quotes(std::string_view text) {
  std::string result = "\"";
  for (const char character : text) {
    if (character == '"' || character == '\\') result += '\\';
    result += character;
  }
  return result + '"';
}

bool is_bare(std::string_view name) {
  const auto bare = [](unsigned char character) {
    return std::isalnum(character) != 0 ||
           std::string_view("_./-").find(static_cast<char>(character)) != std::string_view::npos;
  };
  return !name.empty() && name != "_" && std::all_of(name.begin(), name.end(), bare);
}

std::string print_name(std::string_view name) {
  return is_bare(name) ? std::string(name) : in_quotes(name);
}

template <typename Items, typename Print>
std::string joined(const Items& items, std::string_view separator, Print print) {
  std::string result;
  for (const auto& item : items) {
    if (!result.empty()) result += separator;
    result += print(item);
  }
  return result;
}

std::string print_element_type(int data_type) {
  if (data_type == onnx::TensorProto::STRING) return "string";
  for (const DTypeTraits& type : all_dtypes()) {
    if (to_onnx(type.dtype) == data_type) return std::string(type.name);
  }
  return fmt::format("type{}", data_type);
}

std::string print_dimension(const onnx::TensorShapeProto::Dimension& dimension) {
  if (dimension.has_dim_value()) return fmt::format("{}", dimension.dim_value());
  return dimension.dim_param().empty() ? "?" : print_name(dimension.dim_param());
}

// ": float32[N,3]", or nothing where no type is declared.
std::string print_type(const onnx::ValueInfoProto& info) {
  if (!info.has_type()) return "";
  if (!info.type().has_tensor_type()) return ": no-tensor";
  const auto& type = info.type().tensor_type();
  std::string result = ": " + print_element_type(type.elem_type());
  if (!type.has_shape()) return result;
  return result + '[' + joined(type.shape().dim(), ",", print_dimension) + ']';
}

// Shortest text that reads back as the same element.
std::string print_element(const Tensor& tensor, std::size_t index) {
  if (tensor.dtype() == DType::kInt64) {
    return fmt::format("{}", tensor.as<std::int64_t>()[index]);  // double would round it
  }
  if (tensor.dtype() == DType::kFloat64) return fmt::format("{}", tensor.at(index));
  return fmt::format("{}", static_cast<float>(tensor.at(index)));
}

bool is_uniform(const Tensor& tensor) {
  for (std::size_t i = 1; i < tensor.size(); ++i) {
    if (tensor.at(i) != tensor.at(0)) return false;
  }
  return true;
}

std::string print_summary(const Tensor& tensor) {
  double lowest = INFINITY;
  double highest = -INFINITY;
  for (std::size_t i = 0; i < tensor.size(); ++i) {
    lowest = std::fmin(lowest, tensor.at(i));
    highest = std::fmax(highest, tensor.at(i));
  }
  const auto hash =
      static_cast<std::uint32_t>(XXH3_64bits(tensor.bytes().data(), tensor.bytes().size()));
  return fmt::format("{:.4}..{:.4} #{:08x}", lowest, highest, hash);
}

std::string print_values(const onnx::TensorProto& proto) {
  const auto types = all_dtypes();
  const bool readable = proto.data_location() != onnx::TensorProto::EXTERNAL &&
                        std::any_of(types.begin(), types.end(), [&](const DTypeTraits& type) {
                          return to_onnx(type.dtype) == proto.data_type();
                        });
  if (!readable) return "(not shown)";
  const Tensor tensor = tensor_from_proto(proto);
  if (tensor.size() > kPrintedElements) {
    return is_uniform(tensor) ? fmt::format("fill({})", print_element(tensor, 0))
                              : print_summary(tensor);
  }
  std::string result;
  for (std::size_t i = 0; i < tensor.size(); ++i) {
    if (i > 0) result += ' ';
    result += print_element(tensor, i);
  }
  return result;
}

std::string print_tensor_type(const onnx::TensorProto& proto) {
  return fmt::format("{}[{}]", print_element_type(proto.data_type()),
                     fmt::join(proto.dims().begin(), proto.dims().end(), ","));
}

std::string print_float(float value) {
  std::string result = fmt::format("{}", value);
  if (result.find_first_not_of("-0123456789") == std::string::npos) result += ".0";
  return result;
}

std::string print_attribute_value(const onnx::AttributeProto& attribute) {
  switch (attribute.type()) {
    case onnx::AttributeProto::INT:
      return fmt::format("{}", attribute.i());
    case onnx::AttributeProto::FLOAT:
      return print_float(attribute.f());
    case onnx::AttributeProto::STRING:
      return in_quotes(attribute.s());
    case onnx::AttributeProto::INTS:
      return fmt::format("[{}]", fmt::join(attribute.ints().begin(), attribute.ints().end(), ","));
    case onnx::AttributeProto::FLOATS:
      return '[' + joined(attribute.floats(), ",", print_float) + ']';
    case onnx::AttributeProto::STRINGS:
      return '[' + joined(attribute.strings(), ",", in_quotes) + ']';
    case onnx::AttributeProto::TENSOR:
      return fmt::format("{}({})", print_tensor_type(attribute.t()), print_values(attribute.t()));
    default:
      return "(not shown)";
  }
}

std::vector<const onnx::AttributeProto*> sorted_attributes(const onnx::NodeProto& node) {
  std::vector<const onnx::AttributeProto*> sorted;
  for (const auto& attribute : node.attribute()) sorted.push_back(&attribute);
  std::sort(sorted.begin(), sorted.end(),
            [](const auto* left, const auto* right) { return left->name() < right->name(); });
  return sorted;
}

void print_graph_into(std::string& text, const onnx::GraphProto& graph, const std::string& indent);

void print_bodies(std::string& text, const onnx::NodeProto& node, const std::string& indent) {
  for (const auto* attribute : sorted_attributes(node)) {
    if (attribute->type() != onnx::AttributeProto::GRAPH) continue;
    text += fmt::format("{}begin {}\n", indent, print_name(attribute->name()));
    print_graph_into(text, attribute->g(), indent + "  ");
    text += indent + "end\n";
  }
}

void print_graph_into(std::string& text, const onnx::GraphProto& graph, const std::string& indent) {
  const auto declare = [&](std::string_view keyword, const onnx::ValueInfoProto& info) {
    text += fmt::format("{}{} {}{}\n", indent, keyword, print_name(info.name()), print_type(info));
  };
  for (const auto& input : graph.input()) declare("input", input);
  for (const auto& tensor : graph.initializer()) {
    text += fmt::format("{}const {}: {} = {}\n", indent, print_name(tensor.name()),
                        print_tensor_type(tensor), print_values(tensor));
  }
  for (const auto& value : graph.value_info()) declare("value", value);
  for (const auto& node : graph.node()) {
    text += indent + print_node(node) + '\n';
    print_bodies(text, node, indent + "  ");
  }
  for (const auto& output : graph.output()) declare("output", output);
}

}  // namespace

std::string print_node(const onnx::NodeProto& node) {
  const auto name_or_absent = [](const std::string& name) {
    return name.empty() ? std::string("_") : print_name(name);
  };
  const std::string domain =
      node.domain().empty() || node.domain() == "ai.onnx" ? "" : node.domain() + ".";
  std::string text =
      fmt::format("{} = {}{}({})", joined(node.output(), ", ", name_or_absent), domain,
                  node.op_type(), joined(node.input(), ", ", name_or_absent));
  std::string attributes;
  for (const auto* attribute : sorted_attributes(node)) {
    if (attribute->type() == onnx::AttributeProto::GRAPH) continue;
    if (!attributes.empty()) attributes += ", ";
    attributes += fmt::format("{}={}", attribute->name(), print_attribute_value(*attribute));
  }
  if (!attributes.empty()) text += " {" + attributes + '}';
  if (!node.name().empty()) text += ' ' + in_quotes(node.name());
  return text;
}

std::string print_graph(const Model& model) {
  std::string text;
  for (const auto& import : model.proto().opset_import()) {
    const bool is_default = import.domain().empty() || import.domain() == "ai.onnx";
    text += is_default ? fmt::format("opset {}\n", import.version())
                       : fmt::format("opset {} {}\n", import.domain(), import.version());
  }
  print_graph_into(text, model.proto().graph(), "");
  return text;
}

}  // namespace octavo
