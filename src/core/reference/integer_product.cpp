#include "core/reference/integer_product.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "octavo/error.h"

namespace octavo {
namespace {

void check(const IntegerOperands& operands) {
  const std::size_t points = operands.weight_zero_points.size();
  const bool fits = operands.activations.size() == operands.rows * operands.inner &&
                    operands.weights.size() == operands.inner * operands.columns &&
                    (points == 1 || points == operands.columns);
  if (fits) return;
  throw Error(ErrorCode::kInvalidArgument,
              fmt::format("integer product: {} and {} codes and {} zero points for [{}, {}] x "
                          "[{}, {}]",
                          operands.activations.size(), operands.weights.size(), points,
                          operands.rows, operands.inner, operands.inner, operands.columns));
}

struct DotProduct {
  std::int64_t sum = 0;
  std::size_t saturated_pairs = 0;
};

DotProduct dot(const IntegerOperands& operands, std::size_t row, std::size_t column,
               Accumulation accumulation) {
  constexpr std::int64_t kLowest = std::numeric_limits<std::int16_t>::min();
  constexpr std::int64_t kHighest = std::numeric_limits<std::int16_t>::max();
  const std::int32_t* activations = operands.activations.data() + row * operands.inner;
  const std::int32_t* weights = operands.weights.data() + column * operands.inner;
  const auto product = [&](std::size_t k) { return std::int64_t{activations[k]} * weights[k]; };
  DotProduct result;
  for (std::size_t k = 0; k < operands.inner; k += 2) {
    const std::int64_t pair = product(k) + (k + 1 < operands.inner ? product(k + 1) : 0);
    const std::int64_t kept =
        accumulation == Accumulation::kInt32 ? pair : std::clamp(pair, kLowest, kHighest);
    result.saturated_pairs += kept != pair ? 1 : 0;
    result.sum += kept;
  }
  return result;
}

// Of every `inner` codes that lie together.
std::vector<std::int64_t> sums_of(std::span<const std::int32_t> codes, std::size_t inner,
                                  std::size_t count) {
  std::vector<std::int64_t> sums(count);
  for (std::size_t i = 0; i < codes.size(); ++i) sums[i / inner] += codes[i];
  return sums;
}

}  // namespace

std::string_view to_string(Accumulation accumulation) {
  return accumulation == Accumulation::kInt32 ? "int32" : "int16_pairs";
}

IntegerProduct multiply(const IntegerOperands& operands, Accumulation accumulation) {
  check(operands);
  const std::vector<std::int64_t> row_sums =
      sums_of(operands.activations, operands.inner, operands.rows);
  const std::vector<std::int64_t> column_sums =
      sums_of(operands.weights, operands.inner, operands.columns);
  const std::int64_t za = operands.activation_zero_point;
  const bool per_column = operands.weight_zero_points.size() > 1;
  IntegerProduct product;
  product.sums.reserve(operands.rows * operands.columns);
  for (std::size_t row = 0; row < operands.rows; ++row) {
    for (std::size_t column = 0; column < operands.columns; ++column) {
      const DotProduct raw = dot(operands, row, column, accumulation);
      const std::int64_t zw = operands.weight_zero_points[per_column ? column : 0];
      const std::int64_t sum = raw.sum - za * column_sums[column] - zw * row_sums[row] +
                               za * zw * static_cast<std::int64_t>(operands.inner);
      product.sums.push_back(static_cast<std::int32_t>(sum));
      product.saturated_pairs += raw.saturated_pairs;
      product.damaged_sums += raw.saturated_pairs > 0 ? 1 : 0;
    }
  }
  if (accumulation == Accumulation::kInt16Pairs) {
    product.pairs = product.sums.size() * ((operands.inner + 1) / 2);
  }
  return product;
}

}  // namespace octavo
