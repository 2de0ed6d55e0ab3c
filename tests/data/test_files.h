// Small files for the tests of datasets.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "octavo/tensor.h"

namespace octavo::testing {

inline void write_file(const std::filesystem::path& path, std::string_view content) {
  std::filesystem::create_directories(path.parent_path());
  std::filesystem::remove(path);  // cutting an old file to 0 makes ext4 write to the disk at once
  std::ofstream(path, std::ios::binary) << content;
}

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

struct Colour {
  std::uint8_t red = 0;
  std::uint8_t green = 0;
  std::uint8_t blue = 0;
};

// A .ppm of one colour.
inline void write_image(const std::filesystem::path& path, int height, int width, Colour colour) {
  std::string content = "P6 " + std::to_string(width) + " " + std::to_string(height) + " 255\n";
  for (int i = 0; i < width * height; ++i) {
    for (const std::uint8_t value : {colour.red, colour.green, colour.blue}) {
      content.push_back(static_cast<char>(value));
    }
  }
  write_file(path, content);
}

// 0, 1, 2, ... of the element type T.
template <typename T>
Tensor counting_tensor(Shape shape) {
  Tensor tensor(DTypeOf<T>::value, std::move(shape));
  T next = 0;
  for (T& value : tensor.mutable_as<T>()) value = next++;
  return tensor;
}

inline TensorInfo float_input(std::string name, Shape shape) {
  return {std::move(name), DType::kFloat32, std::move(shape)};
}

}  // namespace octavo::testing
