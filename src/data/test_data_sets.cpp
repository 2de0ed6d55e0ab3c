#include "data/test_data_sets.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

#include "data/sample_check.h"
#include "model/tensor_proto.h"
#include "octavo/error.h"
#include "onnx/onnx-ml.pb.h"

namespace octavo {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "test_data_set_";

bool is_test_data_set(const fs::path& folder) {
  return fs::is_directory(folder) && folder.filename().string().starts_with(kPrefix);
}

// test_data_set_2 before test_data_set_10.
std::vector<fs::path> list_sets(const fs::path& folder) {
  if (is_test_data_set(folder)) return {folder};
  std::vector<fs::path> sets;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (is_test_data_set(entry.path())) sets.push_back(entry.path());
  }
  std::sort(sets.begin(), sets.end(), [](const fs::path& a, const fs::path& b) {
    const std::string x = a.filename().string();
    const std::string y = b.filename().string();
    return x.size() != y.size() ? x.size() < y.size() : x < y;
  });
  return sets;
}

Tensor read_tensor(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) {
    throw Error(ErrorCode::kInvalidData, fmt::format("{}: missing", path.string()));
  }
  onnx::TensorProto proto;
  if (!proto.ParseFromIstream(&stream)) {
    throw Error(ErrorCode::kInvalidData,
                fmt::format("{}: not an ONNX tensor, or truncated", path.string()));
  }
  try {
    return tensor_from_proto(proto, path.string());
  } catch (const Error& error) {
    throw Error(ErrorCode::kInvalidData, fmt::format("{}: {}", path.string(), error.what()));
  }
}

class TestDataSets final : public Dataset {
 public:
  TestDataSets(std::vector<fs::path> sets, std::span<const TensorInfo> inputs)
      : sets_(std::move(sets)), inputs_(inputs.begin(), inputs.end()) {}

  std::size_t size() const override { return sets_.size(); }
  bool labelled() const override { return false; }

  Sample at(std::size_t index) const override {
    Sample sample;
    sample.name = sets_.at(index).string();
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      const fs::path file = sets_[index] / fmt::format("input_{}.pb", i);
      sample.inputs.push_back(fit_to_input(read_tensor(file), inputs_[i], file.string()));
    }
    return sample;
  }

 private:
  std::vector<fs::path> sets_;
  std::vector<TensorInfo> inputs_;
};

}  // namespace

bool has_test_data_sets(const fs::path& folder) { return !list_sets(folder).empty(); }

std::unique_ptr<Dataset> open_test_data_sets(const fs::path& folder,
                                             std::span<const TensorInfo> model_inputs) {
  return std::make_unique<TestDataSets>(list_sets(folder), model_inputs);
}

}  // namespace octavo
