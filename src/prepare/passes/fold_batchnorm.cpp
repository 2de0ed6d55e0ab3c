#include "prepare/passes/fold_batchnorm.h"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "model/attributes.h"
#include "prepare/batchnorm.h"
#include "prepare/known_types.h"
#include "prepare/linear_node.h"

namespace octavo {
namespace {

struct Match {
  const onnx::NodeProto* norm = nullptr;
  LinearNode linear;
  ChannelAffine affine;
};

// The match that ends in `norm`, or the reason why there is none.
std::variant<Match, std::string> match(const Graph& graph, const KnownTypes& types,
                                       const onnx::NodeProto& norm,
                                       const onnx::NodeProto& producer) {
  if (graph.only_consumer(norm.input(0)) != &norm) {
    return fmt::format("'{}' is read elsewhere too, or is an output", norm.input(0));
  }
  auto affine = batchnorm_affine(graph, norm);
  if (const auto* reason = std::get_if<std::string>(&affine)) return *reason;
  auto linear = as_linear_node(graph, producer);
  if (const auto* refusal = std::get_if<NotLinear>(&linear)) return refusal->reason;
  Match result{&norm, std::move(std::get<LinearNode>(linear)),
               std::move(std::get<ChannelAffine>(affine))};
  if (result.affine.scale.size() != result.linear.output_channels) {
    return fmt::format("it has {} channels, {} has {}", result.affine.scale.size(),
                       describe(producer), result.linear.output_channels);
  }
  if (producer.op_type() == "MatMul" && types.rank(norm.input(0)) != 2) {
    return fmt::format("the result of {} is not known to be a matrix", describe(producer));
  }
  return result;
}

void plan_one(const Graph& graph, const KnownTypes& types, const onnx::NodeProto& norm,
              NamePool& names, PassPlan& plan) {
  const onnx::NodeProto* producer = graph.producer(norm.input(0));
  if (producer == nullptr || !is_linear_operator(*producer)) return;
  if (plan.edits.touches(*producer)) return;
  auto found = match(graph, types, norm, *producer);
  if (const auto* reason = std::get_if<std::string>(&found)) return plan.refused(norm, *reason);
  const auto& [node, linear, affine] = std::get<Match>(found);
  auto folded = fold_affine(graph, linear, affine, names);
  if (!folded) return plan.refused(norm, "the folded weights leave their type's range");
  folded->node.set_output(0, norm.output(0));
  replace_layer(linear, std::move(*folded), plan.edits);
  plan.edits.remove(norm);
  plan.changed(norm, "folded into " + describe(*producer));
}

}  // namespace

PassPlan plan_fold_batchnorm(const PassContext& context) {
  const KnownTypes types(context.graph);
  NamePool names(context.graph.proto());
  PassPlan plan;
  for (const onnx::NodeProto& node : context.graph.proto().node()) {
    if (is_batchnorm(node)) plan_one(context.graph, types, node, names, plan);
  }
  return plan;
}

}  // namespace octavo
