#include <fmt/format.h>

#include <algorithm>

#include "search/comparison/causes/cause.h"

namespace octavo {
namespace {

// Two products of an unsigned and a signed byte fit 16 bits if the weight has 7 of them.
constexpr std::int64_t kSafeCode = 64;
// Kernels round where the file as written does not, which moves the error a little either way.
constexpr double kWorseDecibels = 3;

bool reads_unsigned_bytes(const LayerComparison& layer, const ComparisonReport& report) {
  return std::any_of(report.layers.begin(), report.layers.end(), [&](const LayerComparison& from) {
    const bool read =
        std::find(layer.inputs.begin(), layer.inputs.end(), from.tensor) != layer.inputs.end();
    return read && from.quantizer && from.quantizer->dtype == DType::kUint8;
  });
}

std::optional<Cause> find(const ComparisonReport& report) {
  const auto at_risk =
      std::count_if(report.layers.begin(), report.layers.end(), [&](const LayerComparison& layer) {
        return layer.weight && layer.weight->dtype == DType::kInt8 &&
               layer.weight->highest_code > kSafeCode && reads_unsigned_bytes(layer, report);
      });
  if (at_risk == 0) return std::nullopt;
  // Where the runtime did more than it was asked for, that explains the difference.
  const bool here =
      report.unasked_layers.empty() &&
      report.kernels.executed_sqnr_db < report.kernels.as_written_sqnr_db - kWorseDecibels;
  return Cause{
      "int16-saturation",
      fmt::format("{} layer(s) multiply uint8 by int8 codes beyond 64; AVX2 kernels add two "
                  "such products in 16 bits, which may overflow: {}",
                  at_risk,
                  here ? "this machine's outputs are worse than the file as written"
                       : "not on this machine, on x86 without VNNI"),
      "--target onnxruntime-x86-avx2"};
}

}  // namespace

const CauseRule& int16_saturation_cause() {
  static constexpr CauseRule kRule{
      "int16-saturation", "products that kernels for AVX2 add up in 16 bits, which they overflow",
      nullptr, find};
  return kRule;
}

}  // namespace octavo
