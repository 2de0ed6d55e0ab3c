// An .npy array: header, then as many bytes as it claims.
#include <algorithm>
#include <cstddef>
#include <cstring>
#include <span>

#include "data/npy.h"
#include "fuzz/target.h"
#include "octavo/error.h"

namespace octavo::fuzz {
namespace {

void read(std::string_view bytes) {
  std::string_view rest = bytes;
  const ReadBytes reader = [&](std::span<std::byte> into) {
    if (into.size() > rest.size()) throw Error(ErrorCode::kInvalidData, "fuzz: ends too early");
    if (!into.empty()) std::memcpy(into.data(), rest.data(), into.size());
    rest.remove_prefix(into.size());
  };
  try {
    const NpyHeader header = read_npy_header(reader, "fuzz");
    // What npz.cpp compares before it reads an array.
    if (header.data_bytes() != rest.size()) return;
    const Tensor tensor = read_npy_elements(reader, header);
    to_npy(tensor);
    tensor.to_float32();
  } catch (const Error&) {
  }
}

template <typename T>
std::string npy(Shape shape, std::initializer_list<T> values) {
  const std::vector<std::byte> bytes = to_npy(Tensor::of<T>(std::move(shape), values));
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::vector<std::string> seeds() {
  return {npy<float>({2, 2}, {1, 2, 3, 4}), npy<std::uint8_t>({3}, {1, 2, 3}),
          npy<std::int64_t>({}, {7}), npy<double>({0, 4}, {})};
}

}  // namespace

const Target& npy_target() {
  static const Target kTarget = {"npy", read, seeds};
  return kTarget;
}

}  // namespace octavo::fuzz
