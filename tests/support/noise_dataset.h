// Samples of normal noise, the same every time.
#pragma once

#include <random>
#include <string>
#include <utility>

#include "octavo/dataset.h"

namespace octavo::testing {

class NoiseDataset final : public Dataset {
 public:
  NoiseDataset(Shape shape, std::size_t count) : shape_(std::move(shape)), count_(count) {}
  std::size_t size() const override { return count_; }
  bool labelled() const override { return false; }
  Sample at(std::size_t index) const override {
    std::mt19937 random(static_cast<std::uint32_t>(index) + 1);
    std::normal_distribution<float> normal(0, 1);
    Tensor tensor(DType::kFloat32, shape_);
    for (float& value : tensor.mutable_as<float>()) value = normal(random);
    Sample sample;
    sample.inputs.push_back(std::move(tensor));
    sample.name = "noise[" + std::to_string(index) + "]";
    return sample;
  }

 private:
  Shape shape_;
  std::size_t count_;
};

}  // namespace octavo::testing
