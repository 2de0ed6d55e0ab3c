// Faults planted into healthy networks of three shapes: `analyze` must rank the planted layer
// first, and `compare` must name the cause. Outputs stay what they were in float.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <iostream>
#include <random>
#include <string>
#include <vector>

#include "calibration/tensor_statistics.h"
#include "model/tensor_proto.h"
#include "octavo/analysis.h"
#include "octavo/comparison.h"
#include "octavo/error.h"
#include "support/error_matchers.h"
#include "support/graph_text.h"

namespace octavo {
namespace {

constexpr std::int64_t kSide = 12;
constexpr std::size_t kWidth = 16;  // channels

// Smooth colour fields with noise: 16 samples.
class Noise final : public Dataset {
 public:
  std::size_t size() const override { return 16; }
  bool labelled() const override { return false; }
  Sample at(std::size_t index) const override {
    std::mt19937 random(static_cast<std::uint32_t>(index) + 1);
    Tensor tensor(DType::kFloat32, {1, 3, kSide, kSide});
    const auto draw = [&] { return static_cast<float>(random() % 2001) / 1000 - 1; };
    for (float& value : tensor.mutable_as<float>()) value = draw();
    Sample sample;
    sample.inputs.push_back(std::move(tensor));
    sample.name = fmt::format("noise[{}]", index);
    return sample;
  }
};

// Writes networks whose layers keep the variance, as batch normalization leaves them: weights
// uniform within sqrt(6 / fan-in), every convolution followed by a Relu.
class Network {
 public:
  explicit Network(unsigned seed) : random_(seed) {}

  // Appends convolution `name`, weight w_`name`, bias b_`name`, and its Relu; returns r_`name`.
  std::string conv(const std::string& name, const std::string& input, std::size_t channels,
                   std::size_t kernel, std::size_t group = 1) {
    const std::size_t fan_in = channels / group * kernel * kernel;
    const double reach = std::sqrt(6.0 / static_cast<double>(fan_in));
    text_ += fmt::format(
        "const w_{0}: float32[{1},{2},{3},{3}] = random({4}, {5:.4f}, {6:.4f})\n"
        "const b_{0}: float32[{1}] = random({7}, -0.1, 0.3)\n"
        "c_{0} = Conv({8}, w_{0}, b_{0}) {{group={9}, pads=[{10},{10},{10},{10}]}} \"{0}\"\n"
        "r_{0} = Relu(c_{0}) \"relu_{0}\"\n",
        name, kWidth, channels / group, kernel, draw(), -reach, reach, draw(), input, group,
        kernel / 2);
    return "r_" + name;
  }
  std::string concat(const std::string& a, const std::string& b) {
    text_ += fmt::format("joined = Concat({}, {}) {{axis=1}} \"join\"\n", a, b);
    return "joined";
  }
  std::string finish(const std::string& last) {
    return fmt::format(
        "opset 13\ninput x: float32[N,3,{0},{0}]\n{1}g = GlobalAveragePool({2}) \"average\"\n"
        "f = Flatten(g) \"flatten\"\nconst v: float32[{3},10] = random({4}, -0.5, 0.5)\n"
        "y = MatMul(f, v) \"classify\"\noutput y: float32[N,10]\n",
        kSide, text_, last, kWidth, draw());
  }

 private:
  unsigned draw() { return static_cast<unsigned>(random_() % 100000); }

  std::mt19937 random_;
  std::string text_;
};

std::string chain(unsigned seed) {
  Network net(seed);
  std::string last = net.conv("first", "x", 3, 3);
  last = net.conv("second", last, kWidth, 3);
  last = net.conv("third", last, kWidth, 1);
  return net.finish(net.conv("fourth", last, kWidth, 3));
}

std::string separable(unsigned seed) {
  Network net(seed);
  std::string last = net.conv("stem", "x", 3, 3);
  last = net.conv("depth1", last, kWidth, 3, kWidth);
  last = net.conv("point1", last, kWidth, 1);
  last = net.conv("depth2", last, kWidth, 3, kWidth);
  return net.finish(net.conv("point2", last, kWidth, 1));
}

std::string branched(unsigned seed) {
  Network net(seed);
  const std::string stem = net.conv("stem", "x", 3, 3);
  const std::string left = net.conv("left", stem, kWidth, 1);
  const std::string right = net.conv("right", stem, kWidth, 3);
  const std::string last = net.conv("merge", net.concat(left, right), 2 * kWidth, 1);
  return net.finish(net.conv("tail", last, kWidth, 3));
}

// Multiplies slices [first, last) along `axis` of an initializer.
void scale_slices(Model& model, const std::string& name, std::size_t axis, std::size_t first,
                  std::size_t last, float factor) {
  for (onnx::TensorProto& proto : *model.mutable_proto().mutable_graph()->mutable_initializer()) {
    if (proto.name() != name) continue;
    Tensor tensor = tensor_from_proto(proto);
    const Shape& shape = tensor.shape();
    const std::size_t inner =
        element_count({shape.begin() + static_cast<std::ptrdiff_t>(axis) + 1, shape.end()});
    const auto length = static_cast<std::size_t>(shape[axis]);
    const auto values = tensor.mutable_as<float>();
    for (std::size_t i = 0; i < values.size(); ++i) {
      const std::size_t slice = i / inner % length;
      if (slice >= first && slice < last) values[i] *= factor;
    }
    proto = tensor_to_proto(tensor, name);
  }
}

struct Planted {
  std::string what;
  Model model;
  std::string layer;        // that analyze must rank first
  std::string at;           // the row of compare that must name ...
  std::string cause;        // ... this
  std::string shrunk = {};  // tensor whose statistics are to be made ten times too small
  bool per_tensor = false;
};

// One channel of `layer` times 1000; `readers` take it divided by 1000.
struct Reader {
  std::string layer;
  bool depthwise = false;
};
Planted outlier_channel(const std::string& text, const std::string& layer,
                        const std::vector<Reader>& readers, std::size_t channel) {
  constexpr float kFactor = 1000;
  Planted planted{fmt::format("channel {} of {} x 1000", channel, layer),
                  testing::parse_graph(text), layer, layer, "outlier-channel"};
  scale_slices(planted.model, "w_" + layer, 0, channel, channel + 1, kFactor);
  scale_slices(planted.model, "b_" + layer, 0, channel, channel + 1, kFactor);
  for (const Reader& reader : readers) {
    scale_slices(planted.model, "w_" + reader.layer, reader.depthwise ? 0 : 1, channel, channel + 1,
                 1 / kFactor);
  }
  return planted;
}

Planted shrunk_range(const std::string& text, const std::string& layer) {
  return {fmt::format("range of {} / 10", layer),
          testing::parse_graph(text),
          layer,
          layer,
          "clipped-range",
          "r_" + layer};
}

// A channel that the layer before leaves dead, and which batch normalization, folded, has given
// huge weights: as in MobileNet, where such channels ruin one scale for all.
Planted depthwise_scale(const std::string& text, const std::string& layer,
                        const std::string& before, std::size_t channel) {
  Planted planted{fmt::format("channel {} of depthwise {} x 100, one scale", channel, layer),
                  testing::parse_graph(text), layer, layer, "depthwise-scale"};
  planted.per_tensor = true;
  scale_slices(planted.model, "w_" + before, 0, channel, channel + 1, 0);
  scale_slices(planted.model, "b_" + before, 0, channel, channel + 1, 0);
  scale_slices(planted.model, "w_" + layer, 0, channel, channel + 1, 100);
  return planted;
}

// The result of a Concat counts for the layer that reads it.
Planted unlike_concat(const std::string& text, bool left, float factor) {
  Planted planted{fmt::format("{} branch of a Concat x {}", left ? "left" : "right", factor),
                  testing::parse_graph(text), "merge", "join", "shared-concat-scale"};
  const std::string branch = left ? "left" : "right";
  scale_slices(planted.model, "w_" + branch, 0, 0, kWidth, factor);
  scale_slices(planted.model, "b_" + branch, 0, 0, kWidth, factor);
  const std::size_t first = left ? 0 : kWidth;
  scale_slices(planted.model, "w_merge", 1, first, first + kWidth, 1 / factor);
  return planted;
}

Planted make_case(unsigned seed) {
  std::mt19937 random(seed);
  const std::size_t channel = random() % kWidth;
  switch (seed % 13) {
    case 0:
      return outlier_channel(chain(seed), "first", {{"second"}}, channel);
    case 1:
      return outlier_channel(chain(seed), "third", {{"fourth"}}, channel);
    case 2:
      return outlier_channel(separable(seed), "point1", {{"depth2", true}}, channel);
    case 3:
      return outlier_channel(separable(seed), "depth1", {{"point1"}}, channel);
    case 4:
      return outlier_channel(branched(seed), "stem", {{"left"}, {"right"}}, channel);
    case 5:
      return outlier_channel(branched(seed), "merge", {{"tail"}}, channel);
    case 6:
      return shrunk_range(chain(seed), "second");
    case 7:
      return shrunk_range(separable(seed), "depth2");
    case 8:
      return shrunk_range(branched(seed), "right");
    case 9:
      return depthwise_scale(separable(seed), "depth1", "stem", channel);
    case 10:
      return depthwise_scale(separable(seed), "depth2", "point1", channel);
    case 11:
      return unlike_concat(branched(seed), true, 200);
    default:
      return unlike_concat(branched(seed), false, 1000);
  }
}

// Every bin once, ten times too small.
void shrink(Statistics& statistics, const std::string& tensor) {
  std::vector<float> values;
  for (const Sketch::Bin& bin : statistics.at(tensor).sketch().bins()) {
    values.push_back(static_cast<float>(bin.middle() / 10));
  }
  TensorStatistics shrunk;
  shrunk.observe(0, values);
  statistics.tensors()[tensor] = std::move(shrunk);
}

QuantizeOptions options_of(const Planted& planted) {
  QuantizeOptions options;
  options.threads = 2;
  if (planted.per_tensor) options.recipe.weight_granularity = Granularity::kPerTensor;
  return options;
}

Statistics statistics_of(const Planted& planted) {
  const CalibrationTask task = calibration_task(planted.model, options_of(planted));
  CalibrationOptions options;
  Statistics statistics =
      calibrate(task.model, task.tensors, Noise(), *make_executor("onnxruntime"), options);
  if (!planted.shrunk.empty()) shrink(statistics, planted.shrunk);
  return statistics;
}

const LayerComparison& layer_named(const ComparisonReport& report, const std::string& node) {
  for (const LayerComparison& layer : report.layers) {
    if (layer.node == node) return layer;
  }
  throw Error(ErrorCode::kNotFound, "no layer " + node);
}

std::string first_cause(const LayerComparison& layer) {
  return layer.causes.empty() ? "none" : std::string(layer.causes.front().name);
}

class PlantedCauses : public ::testing::TestWithParam<unsigned> {};

TEST_P(PlantedCauses, AnalyzeRanksTheLayerFirstAndCompareNamesTheCause) {
  const Planted planted = make_case(GetParam());
  const Statistics statistics = statistics_of(planted);
  AnalysisOptions analysis;
  analysis.quantize = options_of(planted);
  const SensitivityReport sensitivity = analyze_model(planted.model, statistics, Noise(), analysis);
  const Model quantized = quantize_model(planted.model, statistics, options_of(planted)).model;
  const ComparisonReport report = compare_models(planted.model, quantized, Noise(), {});
  const LayerComparison& worst = report.layers[worst_first(report).front()];
  std::cout << fmt::format(
      "seed {}: {}; analyze: {} {:.1f} dB, {} {:.1f} dB; compare: {} {:.1f} dB {}, worst {} {:.1f} "
      "dB {}\n",
      GetParam(), planted.what, sensitivity.layers[0].node, sensitivity.layers[0].output_sqnr_db,
      sensitivity.layers[1].node, sensitivity.layers[1].output_sqnr_db, planted.at,
      layer_named(report, planted.at).effect_db, first_cause(layer_named(report, planted.at)),
      worst.node, worst.effect_db, first_cause(worst));
  EXPECT_EQ(sensitivity.layers.front().node, planted.layer);
  EXPECT_EQ(first_cause(layer_named(report, planted.at)), planted.cause);
  EXPECT_TRUE(worst.node == planted.at || worst.node == planted.layer) << worst.node;
  EXPECT_NE(first_cause(worst), "none");
}

INSTANTIATE_TEST_SUITE_P(Seeds, PlantedCauses, ::testing::Range(0U, 26U));

TEST(HealthyNetworks, ShowNoFault) {
  for (unsigned seed = 100; seed < 106; ++seed) {
    for (const std::string& text : {chain(seed), separable(seed), branched(seed)}) {
      SCOPED_TRACE(fmt::format("seed {}\n{}", seed, text));
      Planted healthy{"healthy", testing::parse_graph(text), "", "", ""};
      const Model quantized =
          quantize_model(healthy.model, statistics_of(healthy), options_of(healthy)).model;
      const ComparisonReport report = compare_models(healthy.model, quantized, Noise(), {});
      for (const LayerComparison& layer : report.layers) {
        EXPECT_TRUE(layer.causes.empty())
            << layer.node << " " << layer.effect_db << " dB " << first_cause(layer);
      }
    }
  }
}

}  // namespace
}  // namespace octavo
