// A statistics file, whose checksum is put right first: damage that the checksum would catch is
// no way in, a file that was made so is. What is read must calibrate and write back.
#include <xxhash.h>

#include <array>

#include "calibration/tensor_statistics.h"
#include "fuzz/target.h"
#include "octavo/error.h"
#include "octavo/statistics.h"

namespace octavo::fuzz {
namespace {

constexpr std::string_view kMagic = "OCTSTAT1";

std::string with_checksum(std::string_view content) {
  std::string bytes = std::string(kMagic) + std::string(content);
  XXH64_canonical_t checksum;
  XXH64_canonicalFromHash(&checksum, XXH64(bytes.data(), bytes.size(), 0));
  bytes.append(reinterpret_cast<const char*>(&checksum), sizeof checksum);
  return bytes;
}

void use(const Statistics& statistics) {
  const Scheme scheme;
  for (const auto& [name, tensor] : statistics.tensors()) {
    for (const CalibratorInfo& calibrator : calibrators()) {
      const CalibratorSpec spec = parse_calibrator(calibrator.name);
      const Range range = calibrated_range(tensor, spec, scheme).range;
      choose_params(range, scheme);
    }
  }
  Statistics copy = statistics;
  merge(copy, statistics);
}

void read(std::string_view bytes) {
  try {
    const Statistics statistics = statistics_from_bytes(with_checksum(bytes), "fuzz");
    to_bytes(statistics);
    use(statistics);
  } catch (const Error&) {
  }
}

std::string content(const Statistics& statistics) {
  const std::string bytes = to_bytes(statistics);
  return bytes.substr(kMagic.size(), bytes.size() - kMagic.size() - sizeof(XXH64_canonical_t));
}

std::vector<std::string> seeds() {
  Statistics one;
  one.set_model_fingerprint(7);
  one.add_samples({0, 2});
  constexpr std::array<float, 5> kFirst = {-2, -0.5F, 0, 1, 3};
  constexpr std::array<float, 3> kSecond = {0, 0, 1e-30F};
  one.tensors()["x"].observe(0, kFirst);
  one.tensors()["x"].observe(1, kSecond);
  one.tensors()["y"].observe(0, kSecond);
  return {content(Statistics()), content(one)};
}

}  // namespace

const Target& statistics_target() {
  static const Target kTarget = {"statistics", read, seeds};
  return kTarget;
}

}  // namespace octavo::fuzz
