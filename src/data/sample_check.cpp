#include "data/sample_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "octavo/error.h"

namespace octavo {
namespace {

[[noreturn]] void fail(std::string_view context, const std::string& what) {
  throw Error(ErrorCode::kInvalidData, fmt::format("{}: {}", context, what));
}

bool fits(const Shape& shape, const Shape& declared) {
  if (shape.size() != declared.size()) return false;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (declared[i] >= 0 && shape[i] != declared[i]) return false;
  }
  return true;
}

// The likely slip, for the end of an error; empty: there is none to name.
std::string hint(const Shape& shape, const Shape& declared) {
  if (shape.empty() || declared.empty()) return "";
  if (declared.size() == shape.size() && declared.front() > 1 &&
      std::equal(declared.begin() + 1, declared.end(), shape.begin() + 1)) {
    return fmt::format(
        "; the model takes {} at a time, so a sample is as many: an array of shape "
        "[samples, {}, ...]",
        declared.front(), declared.front());
  }
  Shape sorted_shape = shape;
  Shape sorted_declared = declared;
  std::sort(sorted_shape.begin(), sorted_shape.end());
  std::sort(sorted_declared.begin(), sorted_declared.end());
  const bool turned = std::equal(sorted_shape.begin() + 1, sorted_shape.end(),
                                 sorted_declared.begin() + 1, sorted_declared.end());
  return turned ? "; a data recipe turns images round: `stored: {layout: ...}` and `layout`" : "";
}

[[noreturn]] void fail_element(std::string_view context, std::size_t index, double value,
                               const DTypeTraits& type) {
  fail(context, fmt::format("element {} is {}, which {} cannot hold", index, value, type.name));
}

// Integers must survive exactly; floats may be rounded, but not out of the type's range.
Tensor convert(const Tensor& stored, const TensorInfo& input, std::string_view context) {
  const DTypeTraits& from = traits(stored.dtype());
  const DTypeTraits& to = traits(input.dtype);
  if (from.kind == DTypeKind::kFloat && to.kind != DTypeKind::kFloat) {
    fail(context, fmt::format("element type {}, expected {} for input '{}'", from.name, to.name,
                              input.name));
  }
  Tensor result(to.dtype, stored.shape());
  auto* bytes = result.mutable_bytes().data();
  for (std::size_t i = 0; i < stored.size(); ++i) {
    const double value = stored.at(i);
    to.encode(bytes, i, value);
    const bool kept = from.kind == DTypeKind::kFloat
                          ? !std::isfinite(value) || std::abs(value) <= to.highest
                          : to.decode(bytes, i) == value;
    if (!kept) fail_element(context, i, value, to);
  }
  return result;
}

void check_finite(const Tensor& tensor, std::string_view context) {
  const DTypeTraits& type = traits(tensor.dtype());
  if (type.kind != DTypeKind::kFloat) return;
  const auto check = [&](std::size_t index, double value) {
    if (std::isfinite(value)) return;
    fail(context, fmt::format("element {} is {}, expected finite numbers", index, value));
  };
  if (tensor.dtype() != DType::kFloat32) {
    for (std::size_t i = 0; i < tensor.size(); ++i) check(i, tensor.at(i));
    return;
  }
  const auto values = tensor.as<float>();
  for (std::size_t i = 0; i < values.size(); ++i) check(i, values[i]);
}

}  // namespace

Tensor fit_to_input(const Tensor& stored, const TensorInfo& input, std::string_view context) {
  Shape shape = stored.shape();
  if (shape.size() + 1 == input.shape.size()) shape.insert(shape.begin(), 1);
  if (!fits(shape, input.shape)) {
    fail(context,
         fmt::format("shape {} does not fit input '{}', expected {}{}", to_string(stored.shape()),
                     input.name, to_string(input.shape), hint(shape, input.shape)));
  }
  check_finite(stored, context);
  Tensor tensor = stored.reshaped(shape);
  return tensor.dtype() == input.dtype ? tensor : convert(tensor, input, context);
}

}  // namespace octavo
