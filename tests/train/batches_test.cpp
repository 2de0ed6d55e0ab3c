#include "train/batches.h"

#include <gtest/gtest.h>

#include <numeric>

#include "support/error_matchers.h"
#include "support/noise_dataset.h"

namespace octavo {
namespace {

std::vector<std::size_t> first(std::size_t count) {
  std::vector<std::size_t> samples(count);
  std::iota(samples.begin(), samples.end(), std::size_t{0});
  return samples;
}

TEST(BatchReader, GivesTheSameBatchesWhateverTheThreads) {
  const testing::NoiseDataset data({1, 3, 4, 4}, 10);
  const Augmentation augmentation{ImageLayout::kChannelsFirst, 1, 0.5, 7, 0};
  std::vector<Batch> expected;
  for (const std::size_t loaders : {std::size_t{1}, std::size_t{4}}) {
    BatchReader reader(data, first(10), {4}, augmentation, loaders);
    EXPECT_EQ(reader.batches(), 3U);
    std::vector<Batch> found;
    while (auto batch = reader.next()) found.push_back(std::move(*batch));
    ASSERT_EQ(found.size(), 3U);
    EXPECT_EQ(found[0].inputs[0].shape(), (Shape{4, 3, 4, 4}));
    EXPECT_EQ(found[2].inputs[0].shape(), (Shape{2, 3, 4, 4})) << "the rest";
    if (expected.empty())
      expected = std::move(found);
    else
      for (std::size_t i = 0; i < 3; ++i) {
        const auto a = found[i].inputs[0].as<float>();
        const auto b = expected[i].inputs[0].as<float>();
        EXPECT_TRUE(std::equal(a.begin(), a.end(), b.begin(), b.end())) << "batch " << i;
      }
  }
}

TEST(BatchReader, SkipsWhatWasDone) {
  const testing::NoiseDataset data({1, 2}, 5);
  BatchReader reader(data, first(5), {2}, {}, 1);
  reader.skip(2);
  EXPECT_EQ(reader.next()->samples, (std::vector<std::size_t>{4}));
  EXPECT_FALSE(reader.next());
}

TEST(BatchReader, RanksShareEachBatch) {
  const testing::NoiseDataset data({1, 2}, 9);
  const auto samples_of = [&](std::size_t rank) {
    BatchReader reader(data, first(9), {2, rank, 2}, {}, 1);
    std::vector<std::vector<std::size_t>> found;
    while (reader.has_next()) {
      const Batch batch = *reader.next();
      EXPECT_EQ(batch.whole_samples, found.size() < 2 ? 4U : 1U);
      found.push_back(batch.samples);
    }
    return found;
  };
  using Samples = std::vector<std::vector<std::size_t>>;
  EXPECT_EQ(samples_of(0), (Samples{{0, 1}, {4, 5}, {8}}));
  EXPECT_EQ(samples_of(1), (Samples{{2, 3}, {6, 7}, {}}));
}

class TwoShapes final : public Dataset {
 public:
  std::size_t size() const override { return 2; }
  bool labelled() const override { return false; }
  Sample at(std::size_t index) const override {
    Sample sample;
    sample.inputs.emplace_back(DType::kFloat32, Shape{1, 2 + static_cast<std::int64_t>(index)});
    sample.name = "odd";
    return sample;
  }
};

TEST(MakeBatch, RefusesTwoShapes) {
  EXPECT_OCTAVO_ERROR(make_batch(TwoShapes(), first(2), {}), ErrorCode::kInvalidData, "odd",
                      "[1, 3]");
}

}  // namespace
}  // namespace octavo
