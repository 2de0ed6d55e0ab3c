#include "repair/rounded_tensors.h"

#include <gtest/gtest.h>

#include <cmath>

#include "octavo/executor.h"
#include "repair/staged_run.h"
#include "support/graph_text.h"
#include "support/noise_dataset.h"

namespace octavo {
namespace {

constexpr std::string_view kNetwork = R"(
  opset 13
  input x: float32[N,5]
  h = Abs(x) "abs"
  y = Neg(h) "neg"
  output y: float32[N,5]
)";

Scheme of_bits(int bits) {
  return {.dtype = DType::kUint8, .symmetry = Symmetry::kAsymmetric, .reduced_bits = 8 - bits};
}

class RoundedTensors : public ::testing::Test {
 protected:
  RoundedTensors()
      : model_(testing::parse_graph(kNetwork)),
        executor_(make_executor("onnxruntime")),
        data_({1, 5}, 3) {}

  // y of one sample.
  Tensor output(const RoundedModel& rounded, const Rounding& rounding, std::size_t sample) const {
    const std::vector<std::string> names = {"y"};
    const StagedRun run(data_, *executor_, 1);
    const ExtendedDataset data(data_, rounding_inputs(rounding));
    Tensor found;
    run.observer(rounded.model, names, rounded.inputs)
        .observe(data, sample, sample + 1,
                 [&](std::size_t /*sample*/, std::size_t /*tensor*/, const TensorView& values) {
                   found = {values.dtype, values.shape, {values.bytes.begin(), values.bytes.end()}};
                 });
    return found;
  }

  Tensor magnitudes(std::size_t sample) const {
    Tensor values = data_.at(sample).inputs.front();
    for (float& value : values.mutable_as<float>()) value = std::abs(value);
    return values;
  }

  Model model_;
  std::unique_ptr<Executor> executor_;
  testing::NoiseDataset data_;
};

TEST_F(RoundedTensors, EqualFakeQuantizationForEveryChoice) {
  const std::vector<std::string> tensors = {"h"};
  const RoundedModel rounded = with_rounding(model_, {}, tensors);
  for (const int bits : {8, 4}) {
    const Scheme scheme = of_bits(bits);
    for (const ScaleZeroPoint params : {ScaleZeroPoint{0.25F, 0}, ScaleZeroPoint{0.011F, 3}}) {
      for (std::size_t sample = 0; sample < data_.size(); ++sample) {
        const Tensor wanted =
            fake_quantize(magnitudes(sample), {scheme, {params.scale}, {params.zero_point}, {}});
        const Tensor found = output(rounded, to_codes(params, scheme), sample);
        for (std::size_t i = 0; i < wanted.size(); ++i) EXPECT_EQ(found.at(i), -wanted.at(i));
      }
    }
  }
}

TEST_F(RoundedTensors, MakeEachErrorByItself) {
  const std::vector<std::string> tensors = {"h"};
  const RoundedModel rounded = with_rounding(model_, {}, tensors);
  const Scheme scheme = of_bits(2);  // steps of 0.5 up to 1.5
  const Tensor stepped = output(rounded, to_endless_codes(0.5F), 0);
  const Tensor clipped = output(rounded, to_range_of_codes({0.5F, 0}, scheme), 0);
  const Tensor exact = magnitudes(0);
  for (std::size_t i = 0; i < exact.size(); ++i) {
    EXPECT_EQ(-stepped.at(i), std::nearbyint(exact.at(i) / 0.5) * 0.5);
    EXPECT_NEAR(-clipped.at(i), std::min(exact.at(i), 1.5), 0.5 / 4096);
  }
}

TEST_F(RoundedTensors, CanBeFixed) {
  const std::vector<std::string> tensors = {"h"};
  const RoundedModel rounded = with_rounding(model_, {}, tensors);
  const Rounding rounding = to_codes({0.25F, 0}, of_bits(8));
  const Model fixed = with_fixed(rounded, rounding);
  const auto session = executor_->load(fixed, {});
  const Tensor found = session->run(data_.at(0).inputs).front();
  const Tensor wanted = output(rounded, rounding, 0);
  for (std::size_t i = 0; i < wanted.size(); ++i) EXPECT_EQ(found.at(i), wanted.at(i));
}

TEST_F(RoundedTensors, LeaveFloatToThoseThatReadFloat) {
  const Scheme scheme = of_bits(8);
  Plan plan;
  plan.nodes.push_back({"neg", "Neg", Decision::kFloat, "", {}});
  plan.activations.push_back(
      {"h", {scheme, {1.0F}, {0}, {}}, FloatForm::kAvailable, {0, 255}, {"max", {}}});
  const std::vector<std::string> tensors = {"h"};
  const Tensor found = output(with_rounding(model_, plan, tensors), to_codes({1.0F, 0}, scheme), 0);
  const Tensor wanted = magnitudes(0);
  for (std::size_t i = 0; i < wanted.size(); ++i) EXPECT_EQ(found.at(i), -wanted.at(i));
}

}  // namespace
}  // namespace octavo
