#include "model/attributes.h"

#include <fmt/format.h>

#include <algorithm>

namespace octavo {
namespace {

onnx::AttributeProto& fresh_attribute(onnx::NodeProto& node, std::string_view name) {
  remove_attribute(node, name);
  onnx::AttributeProto& attribute = *node.add_attribute();
  attribute.set_name(std::string(name));
  return attribute;
}

}  // namespace

const onnx::AttributeProto* find_attribute(const onnx::NodeProto& node, std::string_view name) {
  const auto& attributes = node.attribute();
  const auto found = std::find_if(attributes.begin(), attributes.end(),
                                  [&](const auto& attribute) { return attribute.name() == name; });
  return found == attributes.end() ? nullptr : &*found;
}

std::int64_t int_attribute(const onnx::NodeProto& node, std::string_view name,
                           std::int64_t absent) {
  const auto* attribute = find_attribute(node, name);
  return attribute == nullptr ? absent : attribute->i();
}

float float_attribute(const onnx::NodeProto& node, std::string_view name, float absent) {
  const auto* attribute = find_attribute(node, name);
  return attribute == nullptr ? absent : attribute->f();
}

std::string string_attribute(const onnx::NodeProto& node, std::string_view name,
                             std::string_view absent) {
  const auto* attribute = find_attribute(node, name);
  return attribute == nullptr ? std::string(absent) : attribute->s();
}

std::vector<std::int64_t> ints_attribute(const onnx::NodeProto& node, std::string_view name) {
  const auto* attribute = find_attribute(node, name);
  if (attribute == nullptr) return {};
  return {attribute->ints().begin(), attribute->ints().end()};
}

void set_attribute(onnx::NodeProto& node, std::string_view name, std::int64_t value) {
  onnx::AttributeProto& attribute = fresh_attribute(node, name);
  attribute.set_type(onnx::AttributeProto::INT);
  attribute.set_i(value);
}

void set_attribute(onnx::NodeProto& node, std::string_view name, float value) {
  onnx::AttributeProto& attribute = fresh_attribute(node, name);
  attribute.set_type(onnx::AttributeProto::FLOAT);
  attribute.set_f(value);
}

void set_attribute(onnx::NodeProto& node, std::string_view name, std::string_view value) {
  onnx::AttributeProto& attribute = fresh_attribute(node, name);
  attribute.set_type(onnx::AttributeProto::STRING);
  attribute.set_s(std::string(value));
}

void set_attribute(onnx::NodeProto& node, std::string_view name,
                   std::span<const std::int64_t> value) {
  onnx::AttributeProto& attribute = fresh_attribute(node, name);
  attribute.set_type(onnx::AttributeProto::INTS);
  attribute.mutable_ints()->Add(value.begin(), value.end());
}

void remove_attribute(onnx::NodeProto& node, std::string_view name) {
  auto& attributes = *node.mutable_attribute();
  attributes.erase(std::remove_if(attributes.begin(), attributes.end(),
                                  [&](const auto& attribute) { return attribute.name() == name; }),
                   attributes.end());
}

std::string describe(const onnx::NodeProto& node) {
  if (!node.name().empty()) return fmt::format("node '{}' ({})", node.name(), node.op_type());
  return fmt::format("node with output '{}' ({})",
                     node.output_size() > 0 ? node.output(0) : std::string(), node.op_type());
}

}  // namespace octavo
