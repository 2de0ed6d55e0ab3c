#include "faults/small_model.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

#include "data/npz.h"
#include "octavo/model.h"
#include "support/graph_text.h"

namespace octavo::testing {
namespace {

constexpr std::int64_t kSamples = 200;

constexpr std::string_view kNetwork = R"(
  opset 13
  input x: float32[N,3,16,16]
  const w: float32[16,3,3,3] = random(1)
  const b: float32[16] = random(2)
  const u: float32[16,16,3,3] = random(3, -0.2, 0.2)
  const v: float32[16,4] = random(4)
  c = Conv(x, w, b) {pads=[1,1,1,1]} "conv"
  r = Relu(c) "relu"
  d = Conv(r, u) {pads=[1,1,1,1]} "second"
  s = Relu(d) "second relu"
  g = GlobalAveragePool(s) "pool"
  f = Flatten(g) "flatten"
  y = MatMul(f, v) "classify"
  output y: float32[N,4]
)";

Tensor noise() {
  std::mt19937 random(1);
  std::normal_distribution<float> normal(0, 1);
  Tensor tensor(DType::kFloat32, {kSamples, 3, 16, 16});
  for (float& value : tensor.mutable_as<float>()) value = normal(random);
  return tensor;
}

}  // namespace

void SmallModel::SetUp() {
  write_model(parse_graph(kNetwork), folder_ / "model.onnx");
  write_npz(folder_ / "data.npz", {{"x", noise()}});
  Tensor labels(DType::kInt64, {kSamples});
  std::int64_t next = 0;
  for (std::int64_t& label : labels.mutable_as<std::int64_t>()) label = next++ % 4;
  write_npz(folder_ / "labelled.npz", {{"x", noise()}, {"labels", labels}});
}

std::string SmallModel::content_of(std::string_view name) const {
  std::ifstream stream(folder_ / name, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::size_t SmallModel::temporary_files() const {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_.path())) {
    count += entry.path().extension() == ".tmp" ? 1 : 0;
  }
  return count;
}

}  // namespace octavo::testing
