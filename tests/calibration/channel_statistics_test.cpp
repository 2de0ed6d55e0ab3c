#include "calibration/channel_statistics.h"

#include <gtest/gtest.h>

#include <random>
#include <span>
#include <vector>

#include "support/error_matchers.h"

namespace octavo {
namespace {

TensorView view_of(const std::vector<float>& values, const Shape& shape) {
  return {DType::kFloat32, shape, std::as_bytes(std::span(values))};
}

std::vector<float> numbers(std::size_t count) {
  std::mt19937 random(41);
  std::normal_distribution<float> normal(0, 1);
  std::vector<float> values(count);
  for (float& value : values) value = normal(random);
  return values;
}

// Element by element, by its coordinate on `axis`.
std::vector<TensorStatistics> reference(const std::vector<float>& values, const Shape& shape,
                                        std::size_t axis) {
  std::vector<std::vector<float>> parts(static_cast<std::size_t>(shape[axis]));
  std::size_t inner = 1;
  for (std::size_t i = axis + 1; i < shape.size(); ++i) inner *= static_cast<std::size_t>(shape[i]);
  for (std::size_t i = 0; i < values.size(); ++i) {
    parts[i / inner % parts.size()].push_back(values[i]);
  }
  std::vector<TensorStatistics> channels(parts.size());
  for (std::size_t i = 0; i < parts.size(); ++i) channels[i].observe(7, parts[i]);
  return channels;
}

TEST(ChannelStatistics, EachChannelSeesItsOwnValuesOnEveryAxis) {
  const Shape shape = {3, 4, 5, 2};
  const std::vector<float> values = numbers(120);
  for (int axis = 0; axis < 4; ++axis) {
    const auto expected = reference(values, shape, static_cast<std::size_t>(axis));
    for (const int written : {axis, axis - 4}) {
      ChannelStatistics statistics(written);
      statistics.observe("x", 7, view_of(values, shape));
      EXPECT_EQ(statistics.axis(), axis);
      EXPECT_EQ(statistics.channels(), expected) << written;
    }
  }
}

TEST(ChannelStatistics, TheUsualAxisIsTheSecondOfAnImageAndTheLastOfTheRest) {
  EXPECT_EQ(usual_channel_axis(5), 1);
  EXPECT_EQ(usual_channel_axis(4), 1);
  EXPECT_EQ(usual_channel_axis(3), 2);
  EXPECT_EQ(usual_channel_axis(2), 1);
  EXPECT_EQ(usual_channel_axis(1), 0);
  ChannelStatistics statistics;
  statistics.observe("x", 0, view_of(numbers(24), {2, 3, 4}));
  EXPECT_EQ(statistics.axis(), 2);
  EXPECT_EQ(statistics.channels().size(), 4u);
}

TEST(ChannelStatistics, MergingIsObservingBoth) {
  const std::vector<float> values = numbers(24);
  ChannelStatistics one;
  ChannelStatistics two;
  ChannelStatistics both;
  one.observe("x", 0, view_of(values, {6, 4}));
  two.observe("x", 1, view_of(values, {6, 4}));
  both.observe("x", 0, view_of(values, {6, 4}));
  both.observe("x", 1, view_of(values, {6, 4}));
  ASSERT_TRUE(one.fits(two));
  two.merge(one);
  EXPECT_EQ(two, both);
  ChannelStatistics nothing;
  EXPECT_TRUE(nothing.fits(both));
  nothing.merge(both);
  EXPECT_EQ(nothing, both);
}

TEST(ChannelStatistics, OtherChannelsDoNotFit) {
  ChannelStatistics four;
  four.observe("x", 0, view_of(numbers(24), {6, 4}));
  ChannelStatistics six;
  six.observe("x", 0, view_of(numbers(24), {4, 6}));
  EXPECT_FALSE(four.fits(six));
  EXPECT_OCTAVO_ERROR(four.observe("x", 1, view_of(numbers(24), {4, 6})), ErrorCode::kInvalidData,
                      "'x'", "6 channels on axis 1", "expected 4");
}

TEST(ChannelStatistics, AnAxisThatIsNotThereIsNamed) {
  for (const int axis : {2, -3}) {
    ChannelStatistics statistics(axis);
    EXPECT_OCTAVO_ERROR(statistics.observe("x", 0, view_of(numbers(24), {6, 4})),
                        ErrorCode::kInvalidData, "'x'", "[6, 4]", std::to_string(axis));
  }
}

TEST(ChannelStatistics, MagnitudesAreTheLargestOfBothSigns) {
  ChannelStatistics statistics;
  statistics.observe("x", 0, view_of({1, -9, 0, 2, 3, 0}, {2, 3}));
  EXPECT_EQ(statistics.magnitudes(), (std::vector<double>{2, 9, 0}));
}

}  // namespace
}  // namespace octavo
