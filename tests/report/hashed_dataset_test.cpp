#include "report/hashed_dataset.h"

#include <gtest/gtest.h>

#include <memory>

namespace octavo {
namespace {

class Numbers final : public Dataset {
 public:
  explicit Numbers(std::vector<float> values) : values_(std::move(values)) {}
  std::size_t size() const override { return values_.size(); }
  bool labelled() const override { return true; }
  Sample at(std::size_t index) const override {
    Sample sample;
    sample.inputs.push_back(Tensor::of<float>({1}, std::vector<float>{values_[index]}));
    sample.label = static_cast<std::int64_t>(index);
    sample.name = "number";
    return sample;
  }

 private:
  std::vector<float> values_;
};

std::string hash_of(const std::vector<float>& values, const std::vector<std::size_t>& read) {
  const HashedDataset data(std::make_unique<Numbers>(values));
  for (const std::size_t index : read) data.at(index);
  return data.hash();
}

TEST(HashedDataset, PassesSamplesOn) {
  const HashedDataset data(std::make_unique<Numbers>(std::vector<float>{3, 4}));
  EXPECT_EQ(data.size(), 2u);
  EXPECT_TRUE(data.labelled());
  EXPECT_EQ(data.at(1).inputs[0].as<float>()[0], 4);
  EXPECT_EQ(data.at(1).label, 1);
}

TEST(HashedDataset, TheOrderOfReadingLeavesNoTrace) {
  const std::string hash = hash_of({1, 2, 3}, {0, 1, 2});
  EXPECT_TRUE(hash.starts_with("xxh64:"));
  EXPECT_EQ(hash, hash_of({1, 2, 3}, {2, 0, 1, 0}));
}

TEST(HashedDataset, ContentPlaceAndWhatWasReadCount) {
  const std::string hash = hash_of({1, 2, 3}, {0, 1, 2});
  EXPECT_NE(hash, hash_of({1, 2, 4}, {0, 1, 2}));
  EXPECT_NE(hash, hash_of({2, 1, 3}, {0, 1, 2}));
  EXPECT_NE(hash, hash_of({1, 2, 3}, {0, 1}));
}

TEST(HashedDataset, NothingReadHasNoHash) { EXPECT_EQ(hash_of({1, 2}, {}), ""); }

}  // namespace
}  // namespace octavo
