#include "data/test_data_sets.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <string>
#include <utility>
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

std::optional<std::int64_t> read_label(const fs::path& set) {
  const fs::path file = set / "output_0.pb";
  if (!fs::exists(file)) return std::nullopt;
  const Tensor output = read_tensor(file);
  if (output.size() != 1 || !traits(output.dtype()).is_integer()) return std::nullopt;
  return static_cast<std::int64_t>(output.at(0));
}

struct TestDataSet {
  fs::path folder;
  std::optional<std::int64_t> label;
};

class TestDataSets final : public Dataset {
 public:
  TestDataSets(std::vector<TestDataSet> sets, std::span<const TensorInfo> inputs)
      : sets_(std::move(sets)),
        inputs_(inputs.begin(), inputs.end()),
        labelled_(std::all_of(sets_.begin(), sets_.end(),
                              [](const TestDataSet& set) { return set.label.has_value(); })) {}

  std::size_t size() const override { return sets_.size(); }
  bool labelled() const override { return labelled_; }

  Sample at(std::size_t index) const override {
    const fs::path& folder = sets_.at(index).folder;
    Sample sample;
    sample.name = folder.string();
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      const fs::path file = folder / fmt::format("input_{}.pb", i);
      sample.inputs.push_back(fit_to_input(read_tensor(file), inputs_[i], file.string()));
    }
    if (labelled_) sample.label = sets_[index].label;
    return sample;
  }

 private:
  std::vector<TestDataSet> sets_;
  std::vector<TensorInfo> inputs_;
  bool labelled_;
};

void refuse_steps(const DataRecipe& recipe) {
  const InputRecipe& input = recipe.input;
  const bool plain = recipe.inputs.empty() && !recipe.labels && !input.array &&
                     input.stored == StoredForm() && input.steps == Preprocessing();
  if (plain) return;
  throw Error(ErrorCode::kInvalidData,
              fmt::format("{}: tensors of test_data_set_* are fed as they are; the data recipe may "
                          "only say select and label_offset",
                          recipe.source.string()));
}

}  // namespace

bool has_test_data_sets(const fs::path& folder) { return !list_sets(folder).empty(); }

std::unique_ptr<Dataset> open_test_data_sets(const DataRecipe& recipe,
                                             std::span<const TensorInfo> model_inputs) {
  refuse_steps(recipe);
  const std::vector<fs::path> folders = list_sets(recipe.source);
  std::vector<TestDataSet> sets;
  for (const std::size_t index : select(recipe.selection, folders.size())) {
    TestDataSet set{folders[index], read_label(folders[index])};
    if (recipe.label_use == LabelUse::kNone) set.label.reset();
    if (set.label) *set.label += recipe.label_offset;
    sets.push_back(std::move(set));
  }
  if (sets.empty()) {
    throw Error(ErrorCode::kInvalidData,
                fmt::format("{}: no samples: {} test_data_set_*, none selected",
                            recipe.source.string(), folders.size()));
  }
  return std::make_unique<TestDataSets>(std::move(sets), model_inputs);
}

}  // namespace octavo
