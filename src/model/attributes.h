// Reading and writing the attributes of an ONNX node.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "onnx/onnx-ml.pb.h"

namespace octavo {

// Null if the node has no such attribute.
const onnx::AttributeProto* find_attribute(const onnx::NodeProto& node, std::string_view name);

std::int64_t int_attribute(const onnx::NodeProto& node, std::string_view name, std::int64_t absent);
float float_attribute(const onnx::NodeProto& node, std::string_view name, float absent);
std::string string_attribute(const onnx::NodeProto& node, std::string_view name,
                             std::string_view absent);
// Empty if absent.
std::vector<std::int64_t> ints_attribute(const onnx::NodeProto& node, std::string_view name);

// Each replaces an attribute of that name.
void set_attribute(onnx::NodeProto& node, std::string_view name, std::int64_t value);
void set_attribute(onnx::NodeProto& node, std::string_view name, float value);
void set_attribute(onnx::NodeProto& node, std::string_view name, std::string_view value);
void set_attribute(onnx::NodeProto& node, std::string_view name,
                   std::span<const std::int64_t> value);
void remove_attribute(onnx::NodeProto& node, std::string_view name);

// "node 'conv1' (Conv)", or by its first output where it has no name: what error messages call it.
std::string describe(const onnx::NodeProto& node);

}  // namespace octavo
