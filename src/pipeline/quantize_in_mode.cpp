#include "pipeline/quantize_in_mode.h"

#include <fmt/format.h>

#include "model/graph.h"
#include "modes/select_weights.h"
#include "modes/weight_writer.h"
#include "octavo/error.h"
#include "pipeline/decide.h"
#include "pipeline/outcomes.h"
#include "placement/profile.h"

namespace octavo {
namespace {

QuantizeResult quantize_weights(const Model& model, const Profile& profile,
                                const QuantizeOptions& options) {
  const Model source = prepared(model, options, opset_of(profile, options.recipe));
  const Graph graph(source.proto().graph());
  const WeightPlan plan =
      plan_weights(graph, select_weights(graph, profile, options.recipe), options.recipe);
  QuantizeResult result;
  result.model = write_weights(source, plan);
  result.nodes = outcomes(plan.nodes);
  result.plan_json = to_json(plan);
  return result;
}

void refuse(Mode mode, std::string_view what) {
  throw Error(ErrorCode::kInvalidArgument,
              fmt::format("mode {} has no use for {}; static has", to_string(mode), what));
}

}  // namespace

QuantizeResult quantize_in_mode(const Model& model, const Dataset* calibration,
                                const QuantizeOptions& options) {
  const Mode mode = options.recipe.mode;
  if (calibration != nullptr) refuse(mode, "calibration data");
  if (options.budget) refuse(mode, "an accuracy budget");
  return quantize_weights(model, load_profile(options.target), options);
}

}  // namespace octavo
