#include "prepare/passes/eliminate_identity.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "model/attributes.h"
#include "prepare/constants.h"
#include "prepare/known_types.h"
#include "prepare/operator_match.h"

namespace octavo {
namespace {

struct Inspection {
  const Graph& graph;
  const KnownTypes& types;
  const onnx::NodeProto& node;

  std::string_view input(int index) const { return input_or_empty(node, index); }
};

using Question = bool (*)(const Inspection&);

bool always(const Inspection& /*at*/) { return true; }

bool is_single(const Inspection& at) { return at.node.input_size() == 1; }

bool is_cast_to_same(const Inspection& at) {
  const auto dtype = at.types.dtype(at.input(0));
  return dtype && to_onnx(*dtype) == int_attribute(at.node, "to", 0);
}

bool is_transpose_in_order(const Inspection& at) {
  const auto order = ints_attribute(at.node, "perm");
  return !order.empty() && std::is_sorted(order.begin(), order.end());
}

// With every dimension copied (0), equal to the known one, or, at most once, left to follow (-1).
bool is_reshape_to_same(const Inspection& at) {
  const auto wanted = constant_ints(at.graph, at.input(1));
  const auto shape = at.types.shape(at.input(0));
  if (!wanted || !shape || wanted->size() != shape->size()) return false;
  if (int_attribute(at.node, "allowzero", 0) != 0) return false;
  int open = 0;
  for (std::size_t i = 0; i < wanted->size(); ++i) {
    const std::int64_t dimension = (*wanted)[i];
    if (dimension == 0 || (dimension > 0 && dimension == (*shape)[i])) continue;
    if (dimension != -1) return false;
    ++open;
  }
  return open <= 1;
}

bool is_flatten_of_matrix(const Inspection& at) {
  const std::int64_t axis = int_attribute(at.node, "axis", 1);
  return at.types.rank(at.input(0)) == 2 && (axis == 1 || axis == -1);
}

bool is_pad_by_nothing(const Inspection& at) {
  const auto pads = constant_ints(at.graph, at.input(1));
  return pads && std::all_of(pads->begin(), pads->end(), [](auto pad) { return pad == 0; });
}

bool is_clip_without_bounds(const Inspection& at) {
  return find_attribute(at.node, "min") == nullptr && find_attribute(at.node, "max") == nullptr &&
         at.input(1).empty() && at.input(2).empty();
}

// Is operand `index` one element of `value`, which cannot broadcast the other operand to more
// dimensions?
bool operand_is(const Inspection& at, int index, double value) {
  if (constant_scalar(at.graph, at.input(index)) != value) return false;
  const auto rank = at.types.rank(at.input(index));
  const auto other = at.types.rank(at.input(1 - index));
  return rank == 0 || (rank && other && *rank <= *other);
}

bool is_division_by_one(const Inspection& at) { return operand_is(at, 1, 1); }
bool is_subtraction_of_zero(const Inspection& at) { return operand_is(at, 1, 0); }

const std::unordered_map<std::string_view, Question>& questions() {
  static const std::unordered_map<std::string_view, Question> kTable = {
      {"Add", is_subtraction_of_zero},
      {"Cast", is_cast_to_same},
      {"Clip", is_clip_without_bounds},
      {"Concat", is_single},
      {"Div", is_division_by_one},
      {"Dropout", always},
      {"Flatten", is_flatten_of_matrix},
      {"Identity", always},
      {"Max", is_single},
      {"Mean", is_single},
      {"Min", is_single},
      {"Mul", is_division_by_one},
      {"Pad", is_pad_by_nothing},
      {"Reshape", is_reshape_to_same},
      {"Sub", is_subtraction_of_zero},
      {"Sum", is_single},
      {"Transpose", is_transpose_in_order},
  };
  return kTable;
}

bool returns_its_input(const Inspection& at) {
  if (!has_operands(at.node, 1)) return false;
  const auto found = questions().find(at.node.op_type());
  return found != questions().end() && found->second(at);
}

// The reason why a Dropout must stay, or empty.
std::string dropout_refusal(const Graph& graph, const onnx::NodeProto& node) {
  if (node.op_type() != "Dropout") return "";
  const std::string_view training = input_or_empty(node, 2);
  if (!training.empty() && constant_scalar(graph, training) != 0) return "it may be training";
  if (node.output_size() > 1 && !node.output(1).empty()) {
    const std::string& mask = node.output(1);
    const bool is_read =
        !graph.uses(mask).empty() || graph.is_output(mask) || graph.used_in_subgraph(mask);
    if (is_read) return "its mask is read";
  }
  return "";
}

// Lets the readers of the node's output read its input.
void bypass(PassPlan& plan, const onnx::NodeProto& node) {
  plan.edits.redirect(node.output(0), node.input(0));
  plan.edits.remove(node);
  plan.changed(node, node.op_type() + " returns its input");
}

// Lets the node before make what `node` made, under that name.
void rename_producer(const Graph& graph, PassPlan& plan, const onnx::NodeProto& node) {
  const std::string& input = node.input(0);
  const std::string& output = node.output(0);
  const onnx::NodeProto* producer = graph.producer(input);
  if (producer == nullptr || graph.is_output(input) || graph.used_in_subgraph(input)) {
    plan.refused(node, "'" + input + "' and '" + output + "' are both names known outside");
    return;
  }
  if (plan.edits.touches(*producer)) return;  // the next plan's
  onnx::NodeProto renamed = *producer;
  for (std::string& made : *renamed.mutable_output()) {
    if (made == input) made = output;
  }
  plan.edits.replace(*producer, {std::move(renamed)});
  plan.edits.redirect(input, output);
  plan.edits.remove(node);
  plan.changed(node, node.op_type() + " returns its input");
}

}  // namespace

PassPlan plan_eliminate_identity(const PassContext& context) {
  const Graph& graph = context.graph;
  const KnownTypes types(graph);
  PassPlan plan;
  for (const onnx::NodeProto& node : graph.proto().node()) {
    if (plan.edits.touches(node) || !returns_its_input({graph, types, node})) continue;
    if (const std::string reason = dropout_refusal(graph, node); !reason.empty()) {
      plan.refused(node, reason);
    } else if (graph.is_output(node.output(0))) {
      rename_producer(graph, plan, node);
    } else if (graph.used_in_subgraph(node.output(0))) {
      plan.refused(node, "a body reads '" + node.output(0) + "'");
    } else {
      bypass(plan, node);
    }
  }
  return plan;
}

}  // namespace octavo
