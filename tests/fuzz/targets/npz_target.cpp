// An .npz file: the zip, every array in it, and some rows of each.
#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>

#include "data/npz.h"
#include "fuzz/hex.h"
#include "fuzz/scratch_file.h"
#include "fuzz/target.h"
#include "octavo/error.h"

namespace octavo::fuzz {
namespace {

void read(std::string_view bytes) {
  try {
    const Npz npz(scratch_file("data.npz", bytes));
    for (const std::string& name : npz.names()) {
      try {
        const NpyHeader header = npz.header(name);
        npz.read(name);
        if (header.shape.empty() || header.shape[0] < 1) continue;
        const std::array<std::size_t, 1> last = {static_cast<std::size_t>(header.shape[0]) - 1};
        npz.read_rows(name, last);
      } catch (const Error&) {  // the next array may be whole
      }
    }
  } catch (const Error&) {
  }
}

std::string npz_of(const std::map<std::string, Tensor>& arrays) {
  const auto path = scratch_folder() / "seed.npz";
  write_npz(path, arrays);
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

// 64 zeros deflated, as Python's zipfile writes them: write_npz() only stores.
constexpr std::string_view kDeflated =
    "504b03041400000008000000210045236dbf480000008001000005000000782e6e70799bec17ea1b10c9c850"
    "c650ad9e925a9c5ca46ea5a06e9366a2aea3a09e965f54529498179f5f94920a12774bcc294e058a17672416"
    "a402f91a66263a9a3a0ab50ae4032e86110e00504b010214031400000008000000210045236dbf4800000080"
    "010000050000000000000000000000800100000000782e6e7079504b05060000000001000100330000006b00"
    "00000000";

std::vector<std::string> seeds() {
  const Tensor images = Tensor::of<float>({2, 2}, {1, 2, 3, 4});
  const Tensor labels = Tensor::of<std::int64_t>({2}, {0, 1});
  return {npz_of({{"x", images}, {"labels", labels}}), npz_of({{"x", labels}}),
          from_hex(kDeflated)};
}

}  // namespace

const Target& npz_target() {
  static const Target kTarget = {"npz", read, seeds};
  return kTarget;
}

}  // namespace octavo::fuzz
