// A model through the whole chain without a runtime: prepared, placed, planned on made-up
// statistics and rewritten, then through the modes that need no data. What comes out must still be
// a graph.
#include <array>
#include <cstdint>

#include "calibration/tensor_statistics.h"
#include "fuzz/model_seeds.h"
#include "fuzz/mutate_model.h"
#include "fuzz/target.h"
#include "model/check.h"
#include "model/graph.h"
#include "modes/half_plan.h"
#include "modes/select_weights.h"
#include "modes/write_weights.h"
#include "octavo/error.h"
#include "onnx/onnx-ml.pb.h"
#include "placement/profile.h"
#include "plan/apply_recipe.h"
#include "plan/plan.h"
#include "prepare/prepare.h"
#include "rewrite/rewrite.h"

namespace octavo::fuzz {
namespace {

constexpr std::array<std::string_view, 5> kTargets = {"onnxruntime-x86", "onnxruntime-arm",
                                                      "openvino", "tensorrt", "tflite-spec-16x8"};

// Read once: they would be most of the time.
const std::vector<Profile>& profiles() {
  static const std::vector<Profile> kProfiles = [] {
    std::vector<Profile> profiles;
    for (const std::string_view name : kTargets) profiles.push_back(load_profile(name));
    return profiles;
  }();
  return kProfiles;
}

Statistics statistics_for(const Placement& placement) {
  constexpr std::array<float, 6> kValues = {-1.5F, -0.25F, 0, 0.125F, 0.5F, 2};
  Statistics statistics;
  for (const std::string& tensor : placement.observed_tensors()) {
    statistics.tensors()[tensor].observe(0, kValues);
  }
  return statistics;
}

void quantize_static(const Model& prepared, const Profile& target) {
  Recipe recipe;
  recipe.activation_calibrator = {"min-max", {}};
  const Profile profile = apply_recipe(target, recipe);
  const Graph graph(prepared.proto().graph());
  const Placement placement = place(graph, profile, placement_options(graph, recipe));
  const Plan plan = make_plan(graph, placement, statistics_for(placement), profile, recipe);
  to_json(plan);
  check_model(rewrite(prepared, plan), "after the rewrite");
}

void quantize_weights(const Model& prepared, const Profile& profile, Mode mode) {
  Recipe recipe;
  recipe.mode = mode;
  const Graph graph(prepared.proto().graph());
  if (mode == Mode::kFloat16) {
    check_model(write_half(prepared, select_half(graph, profile, recipe, nullptr)), "half");
    return;
  }
  const WeightPlan plan = plan_weights(graph, select_weights(graph, profile, recipe), recipe);
  check_model(write_weights(prepared, plan), "weights");
}

template <typename Run>
void expect_only_errors(const Run& run) {
  try {
    run();
  } catch (const Error&) {
  }
}

void quantize(std::string_view bytes) {
  onnx::ModelProto proto;
  if (!proto.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return;
  expect_only_errors([&] {
    Model model(std::move(proto));
    check_model(model, "fuzz");
    const Profile& profile = profiles()[bytes.size() % kTargets.size()];
    PrepareOptions options;
    options.opset = profile.opset;
    const Model prepared = prepare(std::move(model), options).model;
    expect_only_errors([&] { quantize_static(prepared, profile); });
    for (const auto& [mode, rules] : profile.modes) {
      expect_only_errors([&] { quantize_weights(prepared, profile, mode); });
    }
  });
}

}  // namespace

const Target& quantize_target() {
  static const Target kTarget = {"quantize", quantize, model_seeds, mutate_model};
  return kTarget;
}

}  // namespace octavo::fuzz
