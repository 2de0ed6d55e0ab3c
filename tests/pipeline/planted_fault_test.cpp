// A fault planted into a healthy network: one channel of one layer times 1000, its consumer's
// weights for that channel by 1000. In float the network computes what it did before; as integers
// with one scale a tensor, the other channels vanish beside that one.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <cmath>
#include <iostream>
#include <random>
#include <string>

#include "model/graph.h"
#include "model/tensor_proto.h"
#include "octavo/analysis.h"
#include "octavo/error.h"
#include "support/error_matchers.h"
#include "support/graph_text.h"

namespace octavo {
namespace {

constexpr unsigned kCases = 12;
constexpr float kFactor = 1000;

class Noise final : public Dataset {
 public:
  explicit Noise(std::size_t count = 8) : count_(count) {}
  std::size_t size() const override { return count_; }
  bool labelled() const override { return false; }
  Sample at(std::size_t index) const override {
    std::mt19937 random(static_cast<std::uint32_t>(index) + 1);
    Tensor tensor(DType::kFloat32, {1, 3, 12, 12});
    const auto draw = [&] { return static_cast<float>(random() % 2001) / 1000 - 1; };
    const auto values = tensor.mutable_as<float>();
    for (std::size_t channel = 0; channel < 3; ++channel) {
      const float colour = draw();  // without one, all samples are of one class
      for (float& value : values.subspan(channel * 144, 144)) value = colour + draw() / 2;
    }
    Sample sample;
    sample.inputs.push_back(std::move(tensor));
    sample.name = fmt::format("noise[{}]", index);
    return sample;
  }

 private:
  std::size_t count_;
};

struct Case {
  std::string text;         // the healthy network
  std::size_t planted = 0;  // which layer
  std::size_t channel = 0;
};

// Three to six convolutions, 1x1 and 3x3, with 6 to 16 channels, most followed by a Relu.
Case make_case(unsigned seed) {
  std::mt19937 random(seed);
  const std::size_t layers = 3 + random() % 4;
  Case made{"opset 13\ninput x: float32[N,3,12,12]\n", random() % (layers - 1), 0};
  std::string last = "x";
  std::size_t before = 3;
  for (std::size_t i = 0; i < layers; ++i) {
    const std::size_t channels = 6 + random() % 11;
    const std::size_t kernel = random() % 2 == 0 ? 1 : 3;
    if (i == made.planted) made.channel = random() % channels;
    made.text += fmt::format(
        "const w{0}: float32[{1},{2},{3},{3}] = random({4})\nconst b{0}: float32[{1}] = "
        "random({5})\n"
        "c{0} = Conv({6}, w{0}, b{0}) {{pads=[{7},{7},{7},{7}]}} \"conv{0}\"\n",
        i, channels, before, kernel, random() % 1000, random() % 1000, last, kernel / 2);
    last = fmt::format("c{}", i);
    before = channels;
    if (random() % 4 == 0) continue;
    made.text += fmt::format("r{0} = Relu(c{0}) \"relu{0}\"\n", i);
    last = fmt::format("r{}", i);
  }
  made.text += fmt::format(
      "const v: float32[{0},5] = random(7)\ng = GlobalAveragePool({1}) \"average\"\n"
      "f = Flatten(g) \"flatten\"\ny = MatMul(f, v) \"classify\"\noutput y: float32[N,5]\n",
      before, last);
  return made;
}

// Multiplies the slice `index` along `axis` of an initializer.
void scale_slice(Model& model, const std::string& name, std::size_t axis, std::size_t index,
                 float factor) {
  for (onnx::TensorProto& proto : *model.mutable_proto().mutable_graph()->mutable_initializer()) {
    if (proto.name() != name) continue;
    Tensor tensor = tensor_from_proto(proto);
    std::size_t inner = 1;
    for (std::size_t i = axis + 1; i < tensor.shape().size(); ++i) {
      inner *= static_cast<std::size_t>(tensor.shape()[i]);
    }
    const auto length = static_cast<std::size_t>(tensor.shape()[axis]);
    const auto values = tensor.mutable_as<float>();
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (i / inner % length == index) values[i] *= factor;
    }
    proto = tensor_to_proto(tensor, name);
  }
}

Model planted_model(const Case& made) {
  Model model = testing::parse_graph(made.text);
  scale_slice(model, fmt::format("w{}", made.planted), 0, made.channel, kFactor);
  scale_slice(model, fmt::format("b{}", made.planted), 0, made.channel, kFactor);
  scale_slice(model, fmt::format("w{}", made.planted + 1), 1, made.channel, 1 / kFactor);
  return model;
}

SensitivityReport analyzed(const Model& model) {
  AnalysisOptions options;
  options.quantize.recipe.weight_granularity = Granularity::kPerTensor;
  options.quantize.threads = 2;
  return analyze_model(model, Noise(), options);
}

std::size_t rank_of(const SensitivityReport& report, const std::string& node) {
  for (std::size_t i = 0; i < report.layers.size(); ++i) {
    if (report.layers[i].node == node) return i;
  }
  return report.layers.size();
}

// The fault hits the consumer too: its weights for that channel round to nothing. Where the network
// lives on that one channel, this is the greater loss of the two.
TEST(PlantedFault, TheLayerWithTheWideChannelRanksFirstOrBehindItsConsumerOnly) {
  unsigned first = 0;
  for (unsigned seed = 1; seed <= kCases; ++seed) {
    const Case made = make_case(seed);
    SCOPED_TRACE(fmt::format("seed {}\n{}", seed, made.text));
    const SensitivityReport healthy = analyzed(testing::parse_graph(made.text));
    const SensitivityReport report = analyzed(planted_model(made));
    const std::size_t rank = rank_of(report, fmt::format("conv{}", made.planted));
    const LayerSensitivity& planted = report.layers.at(rank);
    std::cout << fmt::format(
        "seed {}: of {} layers, conv{} was planted; first {} at {:.1f} dB, then {} at {:.1f} dB; "
        "healthy {:.1f} dB\n",
        seed, report.layers.size(), made.planted, report.layers[0].node,
        report.layers[0].output_sqnr_db, report.layers[1].node, report.layers[1].output_sqnr_db,
        healthy.layers[0].output_sqnr_db);
    first += rank == 0 ? 1 : 0;
    EXPECT_LE(rank, 1U);
    if (rank == 1) {
      EXPECT_EQ(report.layers[0].node, fmt::format("conv{}", made.planted + 1));
    }
    EXPECT_GT(healthy.layers[0].output_sqnr_db, 20);
    EXPECT_NE(planted.hint.find("x the median channel's: try --granularity per-channel"),
              std::string::npos)
        << planted.hint;
  }
  EXPECT_GE(first, 8U);
}

// What was tried, in order; of what is within the budget, none that was timed beats the kept one.
void check_history(const BudgetOutcome& outcome) {
  ASSERT_EQ(outcome.steps.size(), outcome.evaluations);
  EXPECT_LE(outcome.evaluations, outcome.most_evaluations);
  const auto kept = std::find_if(outcome.steps.begin(), outcome.steps.end(),
                                 [](const BudgetStep& step) { return step.kept; });
  ASSERT_NE(kept, outcome.steps.end());
  EXPECT_EQ(kept->within, outcome.met);
  EXPECT_EQ(kept->float_layers, outcome.kept_float.size());
  EXPECT_EQ(kept->value, outcome.search.value);
  for (std::size_t i = 0; i < outcome.steps.size(); ++i) {
    const BudgetStep& step = outcome.steps[i];
    EXPECT_EQ(step.evaluations, i + 1);
    EXPECT_EQ(step.kept, &step == &*kept);
    EXPECT_FALSE(step.why.empty());
    if (!step.latency || !kept->latency) continue;
    EXPECT_TRUE(step.within);
    EXPECT_GE(step.latency->ratio_to_float, 0.98 * 0.98 * kept->latency->ratio_to_float);
  }
  EXPECT_EQ(kept->latency.has_value(), !outcome.kept_float.empty());
}

// Inlined, GCC 12 takes the budget for uninitialized.
[[gnu::noinline]] void set_budget(QuantizeOptions& options, double max_drop,
                                  const Dataset& evaluation) {
  AccuracyBudget& budget = options.budget.emplace();
  budget.max_drop = max_drop;
  budget.evaluation = &evaluation;
}

TEST(PlantedFault, ABudgetIsKeptByFloatWhereTheFaultIs) {
  const Noise evaluation(100);
  QuantizeOptions options;
  options.recipe.weight_granularity = Granularity::kPerTensor;
  options.threads = 2;
  set_budget(options, 0.04, evaluation);
  std::size_t searched = 0;
  for (unsigned seed = 1; seed <= kCases; ++seed) {
    const Case made = make_case(seed);
    SCOPED_TRACE(fmt::format("seed {}\n{}", seed, made.text));
    const QuantizeResult result = quantize_model(planted_model(made), Noise(), options);
    const BudgetOutcome& outcome = *result.budget;
    EXPECT_EQ(outcome.metric, "agreement");
    EXPECT_EQ(outcome.search.samples + outcome.hold_out.samples, 100U);
    EXPECT_TRUE(outcome.met);
    EXPECT_LE(outcome.search.drop(), 0.04 + 1e-6);
    const auto layers = static_cast<double>(outcome.layers);
    EXPECT_LE(static_cast<double>(outcome.evaluations), 4 + 3 * std::log2(layers));
    std::cout << fmt::format(
        "seed {}: drop {:.2f} -> {:.2f}, held out {:.2f} -> {:.2f}, float: {}\n", seed,
        outcome.search.first_drop(), outcome.search.drop(), outcome.hold_out.first_drop(),
        outcome.hold_out.drop(), fmt::join(outcome.kept_float, " "));
    check_history(outcome);
    if (outcome.search.first_drop() <= 0.04) continue;
    ++searched;
    EXPECT_LE(outcome.kept_float.size(), 3U);
    EXPECT_LT(outcome.hold_out.drop(), outcome.hold_out.first_drop());
  }
  EXPECT_GE(searched, 3U);
}

TEST(PlantedFault, AHealthyModelTakesOneEvaluation) {
  const Noise evaluation(60);
  QuantizeOptions options;
  set_budget(options, 0.2, evaluation);
  const QuantizeResult result =
      quantize_model(testing::parse_graph(make_case(3).text), Noise(), options);
  EXPECT_EQ(result.budget->evaluations, 1U);
  EXPECT_TRUE(result.budget->met);
  EXPECT_TRUE(result.budget->kept_float.empty());
}

TEST(PlantedFault, AShareOfRightAnswersIsABudgetToo) {
  const Noise evaluation(60);
  QuantizeOptions options;
  options.recipe.weight_granularity = Granularity::kPerTensor;
  set_budget(options, 0, evaluation);
  options.budget->min_accuracy = 0.9;  // the float model agrees with itself: 1
  const QuantizeResult result = quantize_model(planted_model(make_case(3)), Noise(), options);
  EXPECT_NEAR(result.budget->max_drop, 0.1, 1e-9);
  EXPECT_TRUE(result.budget->met);
  EXPECT_GE(result.budget->search.value, 0.9 - 1e-9);
  options.budget->min_accuracy = 1.01;
  EXPECT_OCTAVO_ERROR(quantize_model(planted_model(make_case(3)), Noise(), options),
                      ErrorCode::kInvalidArgument, "agreement is 100.00 %", "below the 101.00 %");
}

TEST(PlantedFault, ALatencyBudgetGivesTheWorstLayersBackToFloat) {
  const Model model = planted_model(make_case(3));
  QuantizeOptions options;
  options.latency_budget = LatencyBudget{1000, LatencyUnit::kOfFloat};
  const QuantizeResult roomy = quantize_model(model, Noise(), options);
  ASSERT_TRUE(roomy.latency_budget);
  EXPECT_TRUE(roomy.latency_budget->met);
  EXPECT_EQ(roomy.latency_budget->kept_float.size(), roomy.latency_budget->layers);
  EXPECT_LE(static_cast<double>(roomy.latency_budget->measurements),
            2 + std::log2(static_cast<double>(roomy.latency_budget->layers)));
  EXPECT_GT(roomy.latency_budget->result.milliseconds, 0);
  const auto reason =
      std::find_if(roomy.nodes.begin(), roomy.nodes.end(), [&](const NodeOutcome& node) {
        return node.name == roomy.latency_budget->kept_float.front();
      });
  ASSERT_NE(reason, roomy.nodes.end());
  EXPECT_NE(reason->reason.find("the latency allows it"), std::string::npos) << reason->reason;

  options.latency_budget = LatencyBudget{1e-9, LatencyUnit::kMilliseconds};
  const QuantizeResult tight = quantize_model(model, Noise(), options);
  EXPECT_FALSE(tight.latency_budget->met);
  EXPECT_TRUE(tight.latency_budget->kept_float.empty());
  EXPECT_EQ(tight.latency_budget->measurements, 1U);
}

TEST(LatencyBudget, RefusesWhatCannotBeMeasured) {
  const Model model = testing::parse_graph(make_case(1).text);
  const Noise evaluation(8);
  QuantizeOptions options;
  options.latency_budget = LatencyBudget{};
  options.target = "tensorrt";
  EXPECT_OCTAVO_ERROR(quantize_model(model, Noise(), options), ErrorCode::kUnsupported,
                      "'tensorrt' does not run here");
  options.target = "onnxruntime-x86";
  EXPECT_OCTAVO_ERROR(quantize_model(model, Statistics(), options), ErrorCode::kInvalidArgument,
                      "there are only statistics");
  set_budget(options, 0.1, evaluation);
  EXPECT_OCTAVO_ERROR(quantize_model(model, Noise(), options), ErrorCode::kInvalidArgument,
                      "one of the two");
}

TEST(Analyze, RefusesAnUnknownMetric) {
  AnalysisOptions options;
  options.metric = "beauty";
  EXPECT_OCTAVO_ERROR(analyze_model(testing::parse_graph(make_case(1).text), Noise(), options),
                      ErrorCode::kInvalidArgument, "'beauty'", "top1");
}

}  // namespace
}  // namespace octavo
