#include "prepare/passes/mean_to_pool.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "model/attributes.h"
#include "model/name_pool.h"
#include "prepare/constants.h"
#include "prepare/known_types.h"
#include "prepare/operator_match.h"

namespace octavo {
namespace {

constexpr int kFirstSpatialAxis = 2;
constexpr int kImageRank = 4;

// Whether `axes` are 2, 3 and so on up to the last one.
bool all_spatial(std::vector<std::int64_t> axes, int rank) {
  for (std::int64_t& axis : axes) axis += axis < 0 ? rank : 0;
  std::sort(axes.begin(), axes.end());
  if (std::ssize(axes) != rank - kFirstSpatialAxis) return false;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    if (axes[i] != kFirstSpatialAxis + static_cast<std::int64_t>(i)) return false;
  }
  return true;
}

std::vector<onnx::NodeProto> pool_nodes(const onnx::NodeProto& mean, NamePool& names) {
  onnx::NodeProto pool;
  pool.set_op_type("GlobalAveragePool");
  pool.set_name(mean.name());
  pool.add_input(mean.input(0));
  if (int_attribute(mean, "keepdims", 1) != 0) {
    pool.add_output(mean.output(0));
    return {std::move(pool)};
  }
  pool.add_output(names.take(mean.output(0) + "_pooled"));
  onnx::NodeProto flatten;
  flatten.set_op_type("Flatten");
  flatten.set_name(names.take(mean.name() + "_flat"));
  flatten.add_input(pool.output(0));
  flatten.add_output(mean.output(0));
  return {std::move(pool), std::move(flatten)};
}

}  // namespace

PassPlan plan_mean_to_pool(const PassContext& context) {
  const KnownTypes types(context.graph);
  NamePool names(context.graph.proto());
  PassPlan plan;
  for (const onnx::NodeProto& node : context.graph.proto().node()) {
    if (!is_operator(node, "ReduceMean", 1)) continue;
    const auto axes = constant_axes(context.graph, node);
    if (!axes || axes->empty()) continue;
    const auto rank = types.rank(node.input(0));
    const auto dtype = types.dtype(node.input(0));
    if (!rank || !dtype) {
      plan.refused(node, "the type or rank of '" + node.input(0) + "' is not known");
      continue;
    }
    if (*rank < kImageRank || !all_spatial(*axes, *rank)) continue;
    if (traits(*dtype).kind != DTypeKind::kFloat) continue;
    plan.edits.replace(node, pool_nodes(node, names));
    plan.changed(node, "ReduceMean over an image is a GlobalAveragePool now");
  }
  return plan;
}

}  // namespace octavo
