// Noise beside a signal, on the scale of the ear.
#pragma once

#include <cmath>
#include <limits>

namespace octavo {

// 10 log10(signal / noise), of two powers or two energies; infinite without noise.
inline double signal_to_noise_db(double signal, double noise) {
  if (noise == 0) return std::numeric_limits<double>::infinity();
  return 10 * std::log10(signal / noise);
}

}  // namespace octavo
