#include "train/fake_quantize_kernel.h"

#include <algorithm>
#include <array>

namespace octavo {
namespace {

// Adding and taking away 1.5 * 2^23 rounds a float below 2^22 half to even, in two instructions
// that every processor has as vectors.
constexpr float kRounder = 12582912.0F;

// Sums kept side by side, as a vector's lanes.
constexpr std::size_t kLanes = 16;
// Short enough for sums in float.
constexpr std::size_t kBlock = 1024;

struct LaneSums {
  float scale[kLanes] = {};
  float offset[kLanes] = {};
};

// Codes count from the zero point.
struct Bounds {
  float scale;
  float lowest;
  float highest;
};

#if defined(__x86_64__) && defined(__GNUC__)
#define OCTAVO_WIDEST_VECTORS __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define OCTAVO_WIDEST_VECTORS
#endif

// `rows` times kLanes elements.
OCTAVO_WIDEST_VECTORS
void add_gradients(const float* x, const float* gradient, std::size_t rows, const Bounds& bounds,
                   float* x_gradient, LaneSums& sums) {
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const std::size_t i = row * kLanes + lane;
      const float scaled = x[i] / bounds.scale;
      // One beyond the range is enough to tell that it saturates.
      const float near = std::min(std::max(scaled, bounds.lowest - 1.0F), bounds.highest + 1.0F);
      const float rounded = (near + kRounder) - kRounder;
      const float code = std::min(std::max(rounded, bounds.lowest), bounds.highest);
      const float passed = code == rounded ? gradient[i] : 0.0F;
      x_gradient[i] = passed;
      sums.scale[lane] += gradient[i] * code - passed * near;
      sums.offset[lane] += gradient[i] - passed;
    }
  }
}

void add_block(std::span<const float> x, std::span<const float> gradient, const Bounds& bounds,
               std::span<float> x_gradient, LaneSums& sums) {
  const std::size_t whole = x.size() / kLanes * kLanes;
  add_gradients(x.data(), gradient.data(), whole / kLanes, bounds, x_gradient.data(), sums);
  if (whole == x.size()) return;
  // The rest beside zeros, whose gradient is zero.
  std::array<float, kLanes> last_x = {};
  std::array<float, kLanes> last_gradient = {};
  std::array<float, kLanes> last_result = {};
  std::copy(x.begin() + static_cast<std::ptrdiff_t>(whole), x.end(), last_x.begin());
  std::copy(gradient.begin() + static_cast<std::ptrdiff_t>(whole), gradient.end(),
            last_gradient.begin());
  add_gradients(last_x.data(), last_gradient.data(), 1, bounds, last_result.data(), sums);
  std::copy_n(last_result.begin(), x.size() - whole,
              x_gradient.begin() + static_cast<std::ptrdiff_t>(whole));
}

}  // namespace

ParameterGradients fake_quantize_gradients(std::span<const float> x,
                                           std::span<const float> gradient, ScaleZeroPoint params,
                                           CodeRange codes, std::span<float> x_gradient) {
  const Bounds bounds{params.scale, static_cast<float>(codes.min - params.zero_point),
                      static_cast<float>(codes.max - params.zero_point)};
  ParameterGradients sums;
  for (std::size_t first = 0; first < x.size(); first += kBlock) {
    const std::size_t count = std::min(kBlock, x.size() - first);
    LaneSums block;
    add_block(x.subspan(first, count), gradient.subspan(first, count), bounds,
              x_gradient.subspan(first, count), block);
    for (const float lane : block.scale) sums.scale += static_cast<double>(lane);
    for (const float lane : block.offset) sums.offset += static_cast<double>(lane);
  }
  return sums;
}

}  // namespace octavo
