#include "search/sensitivity_hint.h"

#include <gtest/gtest.h>

namespace octavo {
namespace {

// Nothing is the matter with it.
LayerSensitivity healthy() {
  LayerSensitivity layer;
  layer.weight_granularity = Granularity::kPerTensor;
  layer.output_sqnr_db = 40;
  layer.weight = QuantizerError{{-1, 1}, {-1, 1}, 0.01, 42, 0, 2};
  layer.activation = QuantizerError{{0, 8}, {0, 8}, 0.03, 38, 0, 8};
  return layer;
}

void expect_hint(const LayerSensitivity& layer, std::string_view part) {
  const std::string hint = sensitivity_hint(layer);
  EXPECT_NE(hint.find(part), std::string::npos) << hint;
}

TEST(SensitivityHint, AHealthyLayerHasNone) {
  EXPECT_EQ(sensitivity_hint(healthy()), "");
  EXPECT_EQ(sensitivity_hint(LayerSensitivity()), "");
}

TEST(SensitivityHint, UnevenChannels) {
  LayerSensitivity layer = healthy();
  layer.weight->unevenness = 300;
  expect_hint(layer, "300 x the median channel's: try --granularity per-channel");
  layer.weight_granularity = Granularity::kPerChannel;
  EXPECT_EQ(sensitivity_hint(layer), "");  // does no harm
  layer.output_sqnr_db = 10;
  expect_hint(layer, "share one scale: equalization would help");
}

TEST(SensitivityHint, Outliers) {
  LayerSensitivity layer = healthy();
  layer.activation->unevenness = 40;
  expect_hint(layer, "40 x its standard deviation, outliers: try --calibrator percentile:99.99");
}

TEST(SensitivityHint, Clipping) {
  LayerSensitivity layer = healthy();
  layer.activation->clipped_share = 0.02;
  EXPECT_EQ(sensitivity_hint(layer), "");  // well chosen
  layer.activation->sqnr_db = 12;
  expect_hint(layer, "2 % of the activation's values are clipped: try --calibrator min-max");
  layer.weight->clipped_share = 0.03;
  layer.weight->sqnr_db = 9;  // the worse of the two
  expect_hint(layer, "3 % of its weights are clipped: try --weight-calibrator max");
}

}  // namespace
}  // namespace octavo
