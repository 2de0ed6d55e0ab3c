#include "placement/placement.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ranges>
#include <set>
#include <unordered_map>
#include <utility>

#include "model/operators.h"
#include "octavo/error.h"
#include "placement/node_rules.h"
#include "placement/tensor_union.h"

namespace octavo {
namespace {

using Node = onnx::NodeProto;

class Placer {
 public:
  Placer(const Graph& graph, const Profile& profile, const PlacementOptions& options)
      : graph_(graph), profile_(profile), options_(options) {}

  Placement run() {
    examine_nodes();
    seed_weighted();
    spread_forward();
    take_back_what_gains_nothing();
    spread_backward();
    Placement placement;
    list_nodes(placement);
    list_activations(placement);
    list_constants(placement);
    return placement;
  }

 private:
  struct State {
    const Node* node = nullptr;
    const OperatorRule* rule = nullptr;  // null: this node can only be float
    Decision decision = Decision::kFloat;
    std::string reason;
  };

  // Fills states_ with each node's rule, or the reason why it has none.
  void examine_nodes() {
    for (const Node& node : graph_.proto().node()) {
      State state{&node, nullptr, Decision::kFloat, {}};
      const auto kept = options_.keep_float.find(node.name());
      const OperatorRule* rule = profile_.rule(node.op_type());
      if (kept != options_.keep_float.end()) {
        state.reason = kept->second;
      } else if (rule == nullptr) {
        state.reason = why_no_rule(node, profile_, graph_);
      } else if (std::string reason = refusal(node, *rule, graph_); !reason.empty()) {
        state.reason = std::move(reason);
      } else {
        state.rule = rule;
        state.reason = "no quantized neighbour";
      }
      index_.emplace(&node, states_.size());
      states_.push_back(std::move(state));
    }
  }

  State* state_of(const Node* node) {
    return node == nullptr ? nullptr : &states_[index_.at(node)];
  }

  bool has_role(const State& state, OperatorRole role) const {
    return state.rule != nullptr && state.rule->role == role;
  }
  bool moves_values(const State& state) const {
    return has_role(state, OperatorRole::kPassThrough) ||
           has_role(state, OperatorRole::kIntegerPassThrough);
  }

  // Activations (Relu, Clip) that follow `node` and nothing else reads before them.
  std::vector<const Node*> absorbed_after(const Node& node) const {
    std::vector<const Node*> chain;
    if (node.output_size() != 1) return chain;
    const Node* next = graph_.only_consumer(node.output(0));
    while (next != nullptr && !options_.keep_float.contains(next->name()) &&
           is_absorbable(*next, profile_, graph_)) {
      chain.push_back(next);
      next = graph_.only_consumer(next->output(0));
    }
    return chain;
  }

  // The tensor that carries the codes of `node`'s result: after the activations that it absorbs. An
  // operator that moves values keeps the tensor itself, since both its ends share a scale.
  std::string_view carried_output(const State& state) const {
    if (moves_values(state)) return state.node->output(0);
    const auto chain = absorbed_after(*state.node);
    return chain.empty() ? state.node->output(0) : chain.back()->output(0);
  }

  void quantize(State& state, std::string reason) {
    state.decision = Decision::kQuantized;
    state.reason = std::move(reason);
  }

  void seed_weighted() {
    for (State& state : states_) {
      if (!has_role(state, OperatorRole::kWeighted)) continue;
      quantize(state, "weighted operator");
      for (int input : activation_inputs(*state.node, *state.rule, graph_)) {
        carried_.insert(state.node->input(input));
      }
      if (state.rule->output == OutputForm::kQuantized) carried_.insert(carried_output(state));
    }
  }

  // A weighted operator that may end in float or in codes makes `tensor`, activations aside.
  bool could_be_codes(std::string_view tensor) {
    const Node* maker = graph_.producer(tensor);
    while (maker != nullptr && is_absorbable(*maker, profile_, graph_)) {
      maker = graph_.producer(maker->input(0));
    }
    const State* state = state_of(maker);
    return state != nullptr && state->decision == Decision::kQuantized;
  }

  bool any_input_carried(const State& state) {
    const bool fuses = state.rule->fused_operand != FusedOperand::kNone;
    const auto inputs = activation_inputs(*state.node, *state.rule, graph_);
    return std::any_of(inputs.begin(), inputs.end(), [&](int input) {
      const std::string& tensor = state.node->input(input);
      return carried_.contains(tensor) || (fuses && could_be_codes(tensor));
    });
  }

  void spread_forward() {
    for (State& state : states_) {
      if (state.rule == nullptr || state.decision != Decision::kFloat) continue;
      if (!any_input_carried(state)) continue;
      quantize(state, "between quantized operators");
      for (int input : activation_inputs(*state.node, *state.rule, graph_)) {
        if (!graph_.is_initializer(state.node->input(input))) {
          carried_.insert(state.node->input(input));
        }
      }
      carried_.insert(carried_output(state));
      for (const std::string& output : state.node->output()) {
        if (moves_values(state) && !output.empty()) carried_.insert(output);
      }
    }
  }

  bool reads_codes(const Use& use) {
    const State& reader = *state_of(use.node);
    if (reader.decision != Decision::kQuantized) return false;
    const auto inputs = activation_inputs(*reader.node, *reader.rule, graph_);
    return std::find(inputs.begin(), inputs.end(), use.input) != inputs.end();
  }

  bool has_quantized_reader(std::string_view tensor) {
    if (options_.outputs == OutputCodes::kWanted && graph_.is_output(tensor)) return true;
    const auto uses = graph_.uses(tensor);
    return std::any_of(uses.begin(), uses.end(), [&](const Use& use) { return reads_codes(use); });
  }

  // From the end to the start, so that a chain that leads nowhere goes as a whole.
  void take_back_what_gains_nothing() {
    for (State& state : std::ranges::reverse_view(states_)) {
      if (state.decision != Decision::kQuantized || has_role(state, OperatorRole::kWeighted)) {
        continue;
      }
      const bool gains =
          has_quantized_reader(carried_output(state)) ||
          std::any_of(state.node->output().begin(), state.node->output().end(),
                      [&](const auto& output) { return has_quantized_reader(output); });
      if (gains) continue;
      state.decision = Decision::kFloat;
      state.reason = "nothing quantized reads its result";
    }
  }

  // x -> Transpose -> Conv: the codes are made before the Transpose, which then moves bytes.
  void spread_backward() {
    for (State& state : std::ranges::reverse_view(states_)) {
      if (state.decision != Decision::kFloat || !moves_values(state)) continue;
      const auto& outputs = state.node->output();
      const bool all_read_as_codes =
          std::all_of(outputs.begin(), outputs.end(), [&](const auto& o) {
            const auto uses = graph_.uses(o);
            return !graph_.is_output(o) && !uses.empty() && !graph_.used_in_subgraph(o) &&
                   std::all_of(uses.begin(), uses.end(),
                               [&](const Use& use) { return reads_codes(use); });
          });
      if (all_read_as_codes) quantize(state, "moves codes towards a quantized operator");
    }
  }

  void list_nodes(Placement& placement) {
    for (const State& state : states_) {
      if (state.decision != Decision::kQuantized || moves_values(state)) continue;
      if (!output_is_carried(state)) continue;
      for (const Node* absorbed : absorbed_after(*state.node)) {
        State& activation = *state_of(absorbed);
        activation.decision = Decision::kAbsorbed;
        activation.reason = fmt::format("taken over by the codes of '{}'", state.node->name());
      }
    }
    for (const State& state : states_) {
      const bool quantized = state.decision == Decision::kQuantized;
      placement.nodes.push_back(
          {state.node->name(), state.node->op_type(), state.decision, state.reason,
           quantized ? std::optional(state.rule->role) : std::nullopt, rules_of(*state.node)});
    }
  }

  std::string rules_of(const Node& node) const {
    const auto found = options_.rules.find(node.name());
    return found == options_.rules.end() ? std::string() : found->second;
  }

  Granularity weight_granularity(const State& state) const {
    const auto wanted = options_.weight_granularity.find(state.node->name());
    if (wanted != options_.weight_granularity.end()) return wanted->second;
    return state.rule->granularity.value_or(profile_.weight_granularity);
  }

  // A quantized node's result becomes codes, except where the target offers a float result and
  // nothing quantized reads it.
  bool output_is_carried(const State& state) {
    if (!has_role(state, OperatorRole::kWeighted)) return true;
    if (state.rule->output == OutputForm::kQuantized) return true;
    return has_quantized_reader(carried_output(state));
  }

  // Every tensor that carries codes, with the form of its float side.
  std::map<std::string_view, FloatForm> carried_tensors() {
    std::map<std::string_view, FloatForm> tensors;
    for (const State& state : states_) {
      if (state.decision != Decision::kQuantized) continue;
      for (int input : activation_inputs(*state.node, *state.rule, graph_)) {
        const std::string& tensor = state.node->input(input);
        if (!graph_.is_initializer(tensor)) tensors.emplace(tensor, FloatForm::kAvailable);
      }
    }
    for (const State& state : states_) {
      if (state.decision != Decision::kQuantized || !output_is_carried(state)) continue;
      tensors[carried_output(state)] = FloatForm::kNone;
      if (!moves_values(state)) continue;
      for (const std::string& output : state.node->output()) {
        if (!output.empty()) tensors[output] = FloatForm::kNone;
      }
    }
    return tensors;
  }

  // Graph inputs, then node outputs, in graph order.
  std::vector<std::string_view> tensors_in_order() const {
    std::vector<std::string_view> order;
    for (const auto& input : graph_.proto().input()) order.push_back(input.name());
    for (const State& state : states_) {
      for (const std::string& output : state.node->output()) order.push_back(output);
    }
    return order;
  }

  TensorUnion shared_scales() {
    TensorUnion shared;
    for (const State& state : states_) {
      if (state.decision != Decision::kQuantized || !moves_values(state)) continue;
      for (const std::string& output : state.node->output()) {
        if (!output.empty()) shared.join(state.node->input(kMovedInput), output);
      }
    }
    return shared;
  }

  // Values enter a group at tensors that no value-moving node of the same group makes.
  bool brings_new_values(std::string_view tensor) {
    const State* maker = state_of(graph_.producer(tensor));
    return maker == nullptr || maker->decision != Decision::kQuantized || !moves_values(*maker);
  }

  std::optional<Range> fixed_range(std::string_view tensor) {
    const State* maker = state_of(graph_.producer(tensor));
    if (maker == nullptr || maker->rule == nullptr) return std::nullopt;
    return maker->rule->output_range;
  }

  void list_activations(Placement& placement) {
    const auto carried = carried_tensors();
    TensorUnion shared = shared_scales();
    std::unordered_map<std::string_view, std::size_t> groups;
    for (const std::string_view tensor : tensors_in_order()) {
      const auto found = carried.find(tensor);
      if (found == carried.end()) continue;
      const auto [entry, added] = groups.emplace(shared.root(tensor), placement.groups.size());
      if (added) placement.groups.emplace_back();
      placement.activations.push_back({std::string(tensor), entry->second, found->second});
      ScaleGroup& group = placement.groups[entry->second];
      if (!brings_new_values(tensor)) continue;
      group.observed.emplace_back(tensor);
      group.fixed_range = group.observed.size() == 1 ? fixed_range(tensor) : std::nullopt;
    }
    for (const State& state : states_) list_equal_scale_wish(state, placement);
  }

  void list_equal_scale_wish(const State& state, Placement& placement) const {
    if (state.decision != Decision::kQuantized ||
        state.rule->prefer_equal_scales_up_to_range_ratio <= 0) {
      return;
    }
    EqualScaleWish wish{state.node->name(), {}, state.rule->prefer_equal_scales_up_to_range_ratio};
    std::set<std::size_t> groups;
    for (const std::string& input : state.node->input()) {
      if (const auto* activation = placement.activation(input)) groups.insert(activation->group);
    }
    if (const auto* output = placement.activation(carried_output(state))) {
      groups.insert(output->group);
    }
    wish.groups.assign(groups.begin(), groups.end());
    placement.equal_scale_wishes.push_back(std::move(wish));
  }

  void list_constants(Placement& placement) const {
    for (const State& state : states_) {
      if (state.decision != Decision::kQuantized) continue;
      if (state.rule->role == OperatorRole::kWeighted) list_weight(state, placement);
      if (state.rule->role != OperatorRole::kJoined) continue;
      for (int i = 0; i < state.node->input_size(); ++i) {
        if (!graph_.is_initializer(state.node->input(i))) continue;
        placement.constants.push_back({state.node->input(i), state.node->name(), i, std::nullopt,
                                       QuantizedConstant::Kind::kOperand});
      }
    }
  }

  void list_weight(const State& state, Placement& placement) const {
    const Node& node = *state.node;
    if (!has_constant_weight(node, graph_)) return;
    const WeightedInputs inputs = weighted_inputs(node.op_type()).value_or(WeightedInputs{});
    const std::string& weight = node.input(inputs.weight);
    std::optional<int> axis;
    if (weight_granularity(state) == Granularity::kPerChannel) {
      axis = output_channel_axis(node, graph_.initializer(weight)->dims_size());
    }
    placement.constants.push_back(
        {weight, node.name(), inputs.weight, axis, QuantizedConstant::Kind::kWeight});
    if (inputs.bias < 0 || profile_.bias != BiasForm::kInt32) return;
    const std::string_view bias = input_or_empty(node, inputs.bias);
    if (bias.empty()) return;
    placement.biases.push_back(
        {std::string(bias), node.name(), inputs.bias, node.input(inputs.activation), weight});
  }

  const Graph& graph_;
  const Profile& profile_;
  const PlacementOptions& options_;
  std::vector<State> states_;
  std::unordered_map<const Node*, std::size_t> index_;
  std::set<std::string_view> carried_;  // while spreading: tensors that carry codes so far
};

}  // namespace

std::string_view to_string(Decision decision) {
  constexpr std::array<std::string_view, 3> kWords = {"quantized", "absorbed", "float"};
  return kWords.at(static_cast<std::size_t>(decision));
}

const NodePlacement& Placement::node(std::string_view name) const {
  const auto found = std::find_if(nodes.begin(), nodes.end(),
                                  [&](const auto& entry) { return entry.node == name; });
  if (found == nodes.end()) {
    throw Error(ErrorCode::kNotFound, fmt::format("no node is named '{}'", name));
  }
  return *found;
}

const QuantizedActivation* Placement::activation(std::string_view tensor) const {
  const auto found = std::find_if(activations.begin(), activations.end(),
                                  [&](const auto& entry) { return entry.tensor == tensor; });
  return found == activations.end() ? nullptr : &*found;
}

std::vector<std::string> Placement::observed_tensors() const {
  std::vector<std::string> tensors;
  for (const ScaleGroup& group : groups) {
    if (group.fixed_range) continue;
    tensors.insert(tensors.end(), group.observed.begin(), group.observed.end());
  }
  return tensors;
}

Placement place(const Graph& graph, const Profile& profile, const PlacementOptions& options) {
  return Placer(graph, profile, options).run();
}

}  // namespace octavo
