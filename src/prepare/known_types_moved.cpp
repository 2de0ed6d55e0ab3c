// Shapes behind operators that only move elements. Exporters compute the target of a Reshape with
// these, so that knowing the length of a shape vector is knowing a rank.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/attributes.h"
#include "prepare/constants.h"
#include "prepare/known_types.h"

namespace octavo {
namespace {

// `axis` counted from the front; none if it is outside a shape of `rank` dimensions.
std::optional<std::size_t> from_front(std::int64_t axis, std::size_t rank) {
  if (axis < 0) axis += static_cast<std::int64_t>(rank);
  if (axis < 0 || axis >= static_cast<std::int64_t>(rank)) return std::nullopt;
  return static_cast<std::size_t>(axis);
}

// Does a Slice take every element between start and end?
bool steps_by_one(const Graph& graph, const onnx::NodeProto& node) {
  const std::string_view name = input_or_empty(node, 4);
  if (name.empty()) return true;
  const auto steps = constant_ints(graph, name);
  return steps && std::all_of(steps->begin(), steps->end(), [](auto step) { return step == 1; });
}

// Where a Slice by 1 begins or ends in a dimension of `size`.
std::int64_t clamped(std::int64_t position, std::int64_t size) {
  if (position < 0) position += size;
  return std::clamp(position, std::int64_t{0}, size);
}

}  // namespace

std::optional<Shape> KnownTypes::moved(const onnx::NodeProto& node) const {
  const std::string& op = node.op_type();
  if (op == "Concat") return concatenated(node);
  if (op == "Gather") return gathered(node);
  if (op == "Slice") return sliced(node);
  if (op == "Squeeze") return squeezed(node);
  if (op == "Transpose") return transposed(node);
  if (op == "Unsqueeze") return unsqueezed(node);
  return std::nullopt;
}

std::optional<Shape> KnownTypes::concatenated(const onnx::NodeProto& node) const {
  auto result = first_input_shape(node);
  if (!result) return std::nullopt;
  const auto axis = from_front(int_attribute(node, "axis", 0), result->size());
  if (!axis) return std::nullopt;
  std::int64_t sum = 0;
  for (const std::string& input : node.input()) {
    const auto part = shape(input);
    const bool is_known = part && part->size() == result->size() && (*part)[*axis] >= 0;
    sum = is_known && sum >= 0 ? sum + (*part)[*axis] : -1;
  }
  (*result)[*axis] = sum;
  return result;
}

std::optional<Shape> KnownTypes::gathered(const onnx::NodeProto& node) const {
  const auto data = first_input_shape(node);
  const auto indices = shape(input_or_empty(node, 1));
  if (!data || !indices) return std::nullopt;
  const auto axis = from_front(int_attribute(node, "axis", 0), data->size());
  if (!axis) return std::nullopt;
  const auto at = data->begin() + static_cast<std::ptrdiff_t>(*axis);
  Shape result(data->begin(), at);
  result.insert(result.end(), indices->begin(), indices->end());
  result.insert(result.end(), at + 1, data->end());
  return result;
}

std::optional<Shape> KnownTypes::sliced(const onnx::NodeProto& node) const {
  auto result = first_input_shape(node);
  if (!result) return std::nullopt;
  const auto starts = constant_ints(*graph_, input_or_empty(node, 1));
  const auto ends = constant_ints(*graph_, input_or_empty(node, 2));
  auto axes = constant_ints(*graph_, input_or_empty(node, 3));
  const bool is_plain =
      starts && ends && starts->size() == ends->size() && steps_by_one(*graph_, node) &&
      (axes ? axes->size() == starts->size()
            : input_or_empty(node, 3).empty() && result->size() == starts->size());
  if (!is_plain) return Shape(result->size(), -1);
  for (std::size_t i = 0; i < starts->size(); ++i) {
    const auto axis = from_front(axes ? (*axes)[i] : static_cast<std::int64_t>(i), result->size());
    if (!axis) return std::nullopt;
    std::int64_t& size = (*result)[*axis];
    if (size < 0) continue;
    size = std::max<std::int64_t>(0, clamped((*ends)[i], size) - clamped((*starts)[i], size));
  }
  return result;
}

std::optional<Shape> KnownTypes::squeezed(const onnx::NodeProto& node) const {
  const auto input = first_input_shape(node);
  const auto axes = constant_axes(*graph_, node);
  if (!input || !axes) return std::nullopt;
  std::vector<bool> is_dropped(input->size());
  for (const std::int64_t axis : *axes) {
    const auto at = from_front(axis, input->size());
    if (!at) return std::nullopt;
    is_dropped[*at] = true;
  }
  Shape result;
  for (std::size_t i = 0; i < input->size(); ++i) {
    if (!is_dropped[i]) result.push_back((*input)[i]);
  }
  return result;
}

std::optional<Shape> KnownTypes::transposed(const onnx::NodeProto& node) const {
  const auto input = first_input_shape(node);
  if (!input) return std::nullopt;
  const auto order = ints_attribute(node, "perm");
  if (order.empty()) return Shape(input->rbegin(), input->rend());
  Shape result;
  for (const std::int64_t axis : order) {
    const auto at = from_front(axis, input->size());
    if (!at || order.size() != input->size()) return std::nullopt;
    result.push_back((*input)[*at]);
  }
  return result;
}

std::optional<Shape> KnownTypes::unsqueezed(const onnx::NodeProto& node) const {
  const auto input = first_input_shape(node);
  const auto axes = constant_axes(*graph_, node);
  if (!input || !axes) return std::nullopt;
  const std::size_t rank = input->size() + axes->size();
  std::vector<bool> is_new(rank);
  for (const std::int64_t axis : *axes) {
    const auto at = from_front(axis, rank);
    if (!at || is_new[*at]) return std::nullopt;
    is_new[*at] = true;
  }
  Shape result;
  auto next = input->begin();
  for (std::size_t i = 0; i < rank; ++i) result.push_back(is_new[i] ? 1 : *next++);
  return result;
}

}  // namespace octavo
