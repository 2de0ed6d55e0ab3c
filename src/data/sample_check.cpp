#include "data/sample_check.h"

#include <fmt/format.h>

#include <cmath>
#include <cstring>
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

// Every value of `type` in -2^24..2^24 survives in float32; wider integers are checked one by one.
Tensor convert(const Tensor& stored, DType wanted, std::string_view context) {
  const DTypeTraits& from = traits(stored.dtype());
  const DTypeTraits& to = traits(wanted);
  if (to.kind != DTypeKind::kFloat && from.kind == DTypeKind::kFloat) {
    fail(context, fmt::format("element type {}, expected {}", from.name, to.name));
  }
  Tensor result(wanted, stored.shape());
  auto* bytes = result.mutable_bytes().data();
  for (std::size_t i = 0; i < stored.size(); ++i) {
    const double value = stored.at(i);
    to.encode(bytes, i, value);
    if (from.is_integer() && to.decode(bytes, i) != value) {
      fail(context, fmt::format("element {} is {}, which {} cannot hold", i, value, to.name));
    }
  }
  return result;
}

void check_finite(const Tensor& tensor, std::string_view context) {
  if (tensor.dtype() != DType::kFloat32) return;
  const auto values = tensor.as<float>();
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::isfinite(values[i])) continue;
    fail(context, fmt::format("element {} is {}, expected finite numbers", i, values[i]));
  }
}

}  // namespace

Tensor fit_to_input(Tensor stored, const TensorInfo& input, std::string_view context) {
  Shape shape = stored.shape();
  if (!fits(shape, input.shape)) shape.insert(shape.begin(), 1);
  if (!fits(shape, input.shape)) {
    fail(context, fmt::format("shape {} does not fit input '{}', expected {}",
                              to_string(stored.shape()), input.name, to_string(input.shape)));
  }
  Tensor tensor = stored.reshaped(shape);
  if (tensor.dtype() != input.dtype) tensor = convert(tensor, input.dtype, context);
  check_finite(tensor, context);
  return tensor;
}

}  // namespace octavo
