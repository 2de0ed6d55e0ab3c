#include "repair/expected_means.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <numbers>
#include <string>
#include <string_view>

#include "support/graph_text.h"

namespace octavo {
namespace {

struct Normal {
  double mean;
  double deviation;
};

// Of the two channels that kHead makes.
constexpr Normal kFirst = {0.5, 2};
constexpr Normal kSecond = {-1, 0.75};

constexpr std::string_view kHead = R"(
  opset 14
  input x: float32[N,2,4,4]
  const w: float32[2,2,1,1] = 1 2 3 4
  const gamma: float32[2] = 2 -0.75
  const beta: float32[2] = 0.5 -1
  const mean: float32[2] = 7 8
  const variance: float32[2] = 9 10
  const zero: float32[] = 0
  const one: float32[] = 1
  const three: float32[] = 3
  const six: float32[] = 6
  c = Conv(x, w) "conv"
  n = BatchNormalization(c, gamma, beta, mean, variance) "norm"
)";

ExpectedMeans means_of(std::string_view nodes) {
  const Model model =
      testing::parse_graph(fmt::format("{}{}\n  output y: float32\n", kHead, nodes));
  return expected_means(Graph(model.proto().graph()));
}

// Midpoints, a thousand times finer than it needs.
double integral(const Normal& x, const std::function<double(double)>& function) {
  constexpr int kSteps = 400000;
  constexpr double kFarthest = 9;
  double sum = 0;
  for (int i = 0; i < kSteps; ++i) {
    const double z = kFarthest * ((2 * i + 1.0) / kSteps - 1);
    sum += std::exp(-z * z / 2) * function(x.mean + x.deviation * z);
  }
  return sum * 2 * kFarthest / kSteps / std::sqrt(2 * std::numbers::pi);
}

// Appendix C of the paper.
double clipped_normal(const Normal& x, double low, double high) {
  const auto density = [](double z) {
    return std::exp(-z * z / 2) / std::sqrt(2 * std::numbers::pi);
  };
  const auto below = [](double z) { return std::erfc(-z / std::numbers::sqrt2) / 2; };
  const double a = (low - x.mean) / x.deviation;
  const double b = (high - x.mean) / x.deviation;
  return x.deviation * (density(a) - density(b)) + x.mean * (below(b) - below(a)) + low * below(a) +
         high * (1 - below(b));
}

TEST(ExpectedMeans, AreWhatABatchNormalizationLearned) {
  const auto means = means_of("y = Relu(n)").at("n");
  ASSERT_EQ(means.size(), 2U);
  EXPECT_EQ(means[0], 0.5);
  EXPECT_EQ(means[1], -1);
}

TEST(ExpectedMeans, OfAClippedNormalFollowThePapersFormula) {
  const auto clipped = means_of("y = Clip(n, zero, one)").at("y");
  const auto cut = means_of("y = Relu(n)").at("y");
  const double infinity = 1e6;
  for (std::size_t i = 0; i < 2; ++i) {
    const Normal& x = i == 0 ? kFirst : kSecond;
    const auto clip = [](double value) { return std::min(std::max(value, 0.0), 1.0); };
    EXPECT_NEAR(clipped_normal(x, 0, 1), integral(x, clip), 1e-7) << "the formula itself";
    EXPECT_NEAR(clipped[i], clipped_normal(x, 0, 1), 2e-4 * x.deviation);
    EXPECT_NEAR(cut[i], clipped_normal(x, 0, infinity), 2e-4 * x.deviation);
  }
}

// x * Clip(x + 3, 0, 6) / 6 are functions of one variable, however it is written.
TEST(ExpectedMeans, OfAHardSwishAreTheSameInOnePieceAndInMany) {
  const auto whole = means_of("y = HardSwish(n)").at("y");
  const auto pieces = means_of(
                          "a = Add(n, three)\nb = Clip(a, zero, six)\nc2 = Mul(n, b)\n"
                          "y = Div(c2, six)")
                          .at("y");
  for (std::size_t i = 0; i < 2; ++i) {
    const double wanted = integral(i == 0 ? kFirst : kSecond, [](double x) {
      return x * std::min(std::max(x + 3, 0.0), 6.0) / 6;
    });
    EXPECT_NEAR(whole[i], wanted, 2e-4);
    EXPECT_NEAR(pieces[i], whole[i], 1e-12);
  }
}

TEST(ExpectedMeans, OfASwishAreIntegrals) {
  const auto means = means_of("s = Sigmoid(n)\ny = Mul(n, s)").at("y");
  EXPECT_NEAR(means[0], integral(kFirst, [](double x) { return x / (1 + std::exp(-x)); }), 1e-5);
}

TEST(ExpectedMeans, AddUpInASum) {
  const auto means = means_of(
                         "r = Relu(n)\nn2 = BatchNormalization(r, gamma, beta, mean, variance)\n"
                         "y = Add(n, n2)")
                         .at("y");
  EXPECT_NEAR(means[0], 1, 1e-9);
  EXPECT_NEAR(means[1], -2, 1e-9);
}

// Independent: variances add up, and the Relu behind sees a wider normal.
TEST(ExpectedMeans, BehindASumGoByTheSumOfVariances) {
  const auto means = means_of(
                         "r = Relu(n)\nn2 = BatchNormalization(r, gamma, beta, mean, variance)\n"
                         "s = Add(n, n2)\ny = Relu(s)")
                         .at("y");
  EXPECT_NEAR(means[0], clipped_normal({1, std::sqrt(8.0)}, 0, 1e6), 1e-3);
}

TEST(ExpectedMeans, ReachAClassifierBehindAPool) {
  const auto means = means_of(
      "const v: float32[2,1] = 10 1\nconst k: float32[1] = 5\n"
      "g = GlobalAveragePool(n)\nf = Flatten(g)\ny = Gemm(f, v, k)");
  EXPECT_NEAR(means.at("f")[1], -1, 1e-12);
  EXPECT_NEAR(means.at("y")[0], 10 * 0.5 - 1 + 5, 1e-6);
}

TEST(ExpectedMeans, StandSideBySideInAConcat) {
  const auto means = means_of("r = Relu(n)\ny = Concat(r, n) {axis=1}").at("y");
  ASSERT_EQ(means.size(), 4U);
  EXPECT_NEAR(means[0], clipped_normal(kFirst, 0, 1e6), 1e-3);
  EXPECT_EQ(means[3], -1);
}

TEST(ExpectedMeans, AreUnknownWhereNothingTellsThem) {
  EXPECT_FALSE(means_of("y = Relu(c)").contains("c")) << "the input's are not known";
  EXPECT_FALSE(means_of("y = MaxPool(n) {kernel_shape=[2,2]}").contains("y"));
  EXPECT_FALSE(means_of("g = GlobalAveragePool(n)\ny = Relu(g)").contains("y"))
      << "the deviation of an average is not known";
  EXPECT_TRUE(means_of("g = GlobalAveragePool(n)\ny = Mul(g, six)").contains("y"))
      << "nor needed for what is linear";
}

}  // namespace
}  // namespace octavo
