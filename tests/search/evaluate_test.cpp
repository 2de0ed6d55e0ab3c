#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "octavo/evaluation.h"
#include "support/error_matchers.h"
#include "support/graph_text.h"

namespace octavo {
namespace {

// One-hot inputs of four classes, labelled with their class.
class OneHots final : public Dataset {
 public:
  explicit OneHots(std::int64_t label_shift = 0) : label_shift_(label_shift) {}
  std::size_t size() const override { return 8; }
  bool labelled() const override { return true; }
  Sample at(std::size_t index) const override {
    Sample sample;
    Tensor tensor(DType::kFloat32, {1, 4});
    tensor.mutable_as<float>()[index % 4] = 1;
    sample.inputs.push_back(std::move(tensor));
    sample.label = static_cast<std::int64_t>(index % 4) + label_shift_;
    sample.name = "one-hot " + std::to_string(index);
    return sample;
  }

 private:
  std::int64_t label_shift_;
};

Model identity() {
  return testing::parse_graph(
      "opset 13\ninput x: float32[N,4]\ny = Identity(x) \"i\"\n"
      "output y: float32[N,4]\n");
}

// Swaps classes 0 and 1.
Model swapped() {
  return testing::parse_graph(R"(
    opset 13
    input x: float32[N,4]
    const order: int64[4] = 1 0 2 3
    y = Gather(x, order) {axis=1} "swap"
    output y: float32[N,4]
  )");
}

EvaluationReport evaluate(const Model& first, const Model& second, const Dataset& data,
                          int threads = 1) {
  const std::vector<EvaluatedModel> models = {{"first", &first, 100}, {"second", &second, 25}};
  EvaluationOptions options;
  options.threads = threads;
  options.latency_seconds = 0;
  return evaluate_models(models, data, *make_executor("onnxruntime"), options);
}

TEST(Evaluate, EqualModelsAgreeEntirely) {
  const EvaluationReport report = evaluate(identity(), identity(), OneHots());
  EXPECT_EQ(report.samples, 8u);
  EXPECT_EQ(report.models[0].metric("top1"), 1);
  EXPECT_EQ(report.models[0].metric("agreement"), std::nullopt);
  EXPECT_EQ(report.models[1].metric("agreement"), 1);
  EXPECT_TRUE(std::isinf(*report.models[1].metric("sqnr")));
  EXPECT_EQ(report.models[1].same_accuracy_p, 1);
  EXPECT_EQ(report.models[1].latency, std::nullopt);
}

TEST(Evaluate, CountsWhatAWrongModelGetsWrong) {
  for (const int threads : {1, 3}) {
    const EvaluationReport report = evaluate(identity(), swapped(), OneHots(), threads);
    EXPECT_EQ(report.models[1].metric("top1"), 0.5);
    EXPECT_EQ(report.models[1].metric("agreement"), 0.5);
    // Half of the samples differ, each by twice its signal: noise equals signal.
    EXPECT_NEAR(*report.models[1].metric("sqnr"), 0, 1e-9);
    EXPECT_NEAR(*report.models[1].same_accuracy_p, 2.0 / 16, 1e-12);
  }
}

TEST(Evaluate, MeasuresWhatWasAskedForInThatOrder) {
  const Model model = identity();
  const std::vector<EvaluatedModel> models = {{"a", &model, 1}, {"b", &model, 1}};
  EvaluationOptions options;
  options.latency_seconds = 0;
  options.metrics = {"mse", "top1"};
  const auto executor = make_executor("onnxruntime");
  const auto report = evaluate_models(models, OneHots(), *executor, options);
  ASSERT_EQ(report.models[1].metrics.size(), 2u);
  EXPECT_EQ(report.models[1].metrics[0].metric->name, "mse");
  EXPECT_EQ(report.models[1].metric("mse"), 0);
  EXPECT_EQ(report.models[0].metrics.size(), 1u);
  options.metrics = {"top2"};
  EXPECT_OCTAVO_ERROR(evaluate_models(models, OneHots(), *executor, options),
                      ErrorCode::kInvalidArgument, "unknown metric 'top2'");
}

std::vector<std::string> metrics_beside_mse(const Dataset& data) {
  const Model model = identity();
  const std::vector<EvaluatedModel> models = {{"a", &model, 1}, {"b", &model, 1}};
  EvaluationOptions options;
  options.latency_seconds = 0;
  options.metrics = {"mse", "sqnr"};
  options.usual_metrics = UsualMetrics::kBeside;
  const auto report = evaluate_models(models, data, *make_executor("onnxruntime"), options);
  std::vector<std::string> names;
  for (const auto& measured : report.models[1].metrics) names.push_back(measured.metric->name);
  return names;
}

TEST(Evaluate, ShowsTheUsualMetricsBesideThoseAskedFor) {
  EXPECT_EQ(metrics_beside_mse(OneHots()),
            (std::vector<std::string>{"mse", "sqnr", "top1", "agreement"}));
  // The first sample's label is a class of the model, the third's is not.
  EXPECT_EQ(metrics_beside_mse(OneHots(2)), (std::vector<std::string>{"mse", "sqnr", "agreement"}))
      << "what nobody asked for must not end the run";
}

TEST(Evaluate, TimesModelsInTurn) {
  const Model model = identity();
  const std::vector<EvaluatedModel> models = {{"a", &model, 1}, {"b", &model, 1}};
  EvaluationOptions options;
  options.latency_seconds = 0.01;
  const auto report = evaluate_models(models, OneHots(), *make_executor("onnxruntime"), options);
  ASSERT_TRUE(report.models[1].latency.has_value());
  EXPECT_EQ(report.models[0].latency->runs, report.models[1].latency->runs);
  EXPECT_GE(report.models[0].latency->runs, 10u);
  EXPECT_GT(report.models[0].latency->minimum, 0);
  EXPECT_LE(report.models[0].latency->minimum, report.models[0].latency->median);
  EXPECT_EQ(*report.models[0].latency_ratio, 1);
}

TEST(Evaluate, ALabelThatIsNoClassIsNamed) {
  EXPECT_OCTAVO_ERROR(evaluate(identity(), identity(), OneHots(1)), ErrorCode::kInvalidData,
                      "one-hot 3", "label 4", "0 to 3");
  EXPECT_OCTAVO_ERROR(evaluate(identity(), identity(), OneHots(-1)), ErrorCode::kInvalidData,
                      "label -1");
}

TEST(Evaluate, JsonHoldsEveryFigure) {
  const std::string json = to_json(evaluate(identity(), swapped(), OneHots()));
  for (const char* part : {"\"samples\": 8", "\"top1\"", "\"value\": 0.5", "\"interval_95\"",
                           "\"sqnr\"", "\"file_bytes\": 25"}) {
    EXPECT_NE(json.find(part), std::string::npos) << part << " in " << json;
  }
}

}  // namespace
}  // namespace octavo
