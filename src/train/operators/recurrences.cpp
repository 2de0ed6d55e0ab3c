// LSTM and GRU, written out step by step: libtorch's own have other gates and no such outputs.
// Source of the equations: the ONNX standard, operators LSTM and GRU.
#include "model/attributes.h"
#include "train/operators/operator.h"

namespace octavo {
namespace {

// One direction's constants. Gates lie one after the other along the first axis.
struct Direction {
  at::Tensor input_weight;   // [gates * hidden, input]
  at::Tensor hidden_weight;  // [gates * hidden, hidden]
  at::Tensor input_bias;     // [gates * hidden]
  at::Tensor hidden_bias;
  bool backward = false;
};

struct State {
  at::Tensor hidden;  // [batch, hidden]
  at::Tensor cell;    // of an LSTM
};

struct RecurrentForm {
  std::int64_t gates = 0;
  bool forward = true;        // in the first direction
  bool resets_after = false;  // GRU's linear_before_reset
};

State lstm_step(const at::Tensor& from_input, const State& before, const Direction& weights) {
  const at::Tensor sums =
      from_input + at::linear(before.hidden, weights.hidden_weight, weights.hidden_bias);
  const auto gates = sums.chunk(4, 1);  // input, output, forget, cell
  const at::Tensor cell =
      at::sigmoid(gates[2]) * before.cell + at::sigmoid(gates[0]) * at::tanh(gates[3]);
  return {at::sigmoid(gates[1]) * at::tanh(cell), cell};
}

State gru_step(const at::Tensor& from_input, const State& before, const Direction& weights,
               bool resets_after) {
  const auto inputs = from_input.chunk(3, 1);  // update, reset, hidden
  const auto recurrent = weights.hidden_weight.chunk(3, 0);
  const auto bias = weights.hidden_bias.chunk(3, 0);
  const at::Tensor& hidden = before.hidden;
  const at::Tensor update = at::sigmoid(inputs[0] + at::linear(hidden, recurrent[0], bias[0]));
  const at::Tensor reset = at::sigmoid(inputs[1] + at::linear(hidden, recurrent[1], bias[1]));
  const at::Tensor from_hidden = resets_after ? reset * at::linear(hidden, recurrent[2], bias[2])
                                              : at::linear(reset * hidden, recurrent[2], bias[2]);
  return {(1 - update) * at::tanh(inputs[2] + from_hidden) + update * hidden, {}};
}

State run_step(const RecurrentForm& form, const at::Tensor& from_input, const State& before,
               const Direction& weights) {
  return form.gates == 4 ? lstm_step(from_input, before, weights)
                         : gru_step(from_input, before, weights, form.resets_after);
}

// The hidden state of every step [steps, batch, hidden], and the last state.
std::pair<at::Tensor, State> run_direction(const RecurrentForm& form, const at::Tensor& x,
                                           State state, const Direction& weights) {
  const at::Tensor from_input = at::linear(x, weights.input_weight, weights.input_bias);
  const std::int64_t steps = x.size(0);
  std::vector<at::Tensor> hidden(static_cast<std::size_t>(steps));
  for (std::int64_t i = 0; i < steps; ++i) {
    const std::int64_t step = weights.backward ? steps - 1 - i : i;
    state = run_step(form, from_input[step], state, weights);
    hidden[static_cast<std::size_t>(step)] = state.hidden;
  }
  return {at::stack(hidden), state};
}

at::Tensor initial(const Values& inputs, std::size_t index, std::int64_t direction,
                   const at::Tensor& like) {
  const at::Tensor given = input_at(inputs, index);
  return given.defined() ? given[direction] : at::zeros_like(like);
}

Values run(const RecurrentForm& form, std::int64_t hidden_size, const Values& inputs) {
  const at::Tensor& x = inputs[0];
  std::vector<at::Tensor> sequences;
  std::vector<at::Tensor> hidden;
  std::vector<at::Tensor> cells;
  const std::int64_t directions = inputs[1].size(0);
  for (std::int64_t d = 0; d < directions; ++d) {
    const std::int64_t rows = form.gates * hidden_size;
    const at::Tensor given = input_at(inputs, 3);
    const at::Tensor bias = given.defined() ? given[d] : at::zeros({2 * rows}, x.options());
    const Direction weights{inputs[1][d], inputs[2][d], bias.slice(0, 0, rows),
                            bias.slice(0, rows, 2 * rows), d == 1 || !form.forward};
    const at::Tensor like = at::empty({x.size(1), hidden_size}, x.options());
    const State before{initial(inputs, 5, d, like), initial(inputs, 6, d, like)};
    const auto [sequence, last] = run_direction(form, x, before, weights);
    sequences.push_back(sequence);
    hidden.push_back(last.hidden);
    if (last.cell.defined()) cells.push_back(last.cell);
  }
  Values outputs{at::stack(sequences, 1), at::stack(hidden)};
  if (!cells.empty()) outputs.push_back(at::stack(cells));
  return outputs;
}

void require_plain(const OperatorNode& node) {
  for (const char* attribute : {"activations", "clip", "activation_alpha", "activation_beta"}) {
    if (find_attribute(node.proto, attribute) != nullptr) refuse(node, attribute);
  }
  if (int_attribute(node.proto, "layout", 0) != 0) refuse(node, "layout 1");
  if (int_attribute(node.proto, "input_forget", 0) != 0) refuse(node, "input_forget");
  if (!input_or_empty(node.proto, 4).empty()) refuse(node, "sequence_lens");
  if (!input_or_empty(node.proto, 7).empty()) refuse(node, "peepholes");
}

template <std::int64_t gates>
Forward recurrent(const OperatorNode& node) {
  require_plain(node);
  const std::string direction = string_attribute(node.proto, "direction", "forward");
  const RecurrentForm form{gates, direction != "reverse",
                           int_attribute(node.proto, "linear_before_reset", 0) != 0};
  const std::int64_t hidden_size = int_attribute(node.proto, "hidden_size", 0);
  return [=](const Values& inputs) { return run(form, hidden_size, inputs); };
}

}  // namespace

std::vector<MappedOperator> recurrences_operators() {
  return {{"GRU", recurrent<3>}, {"LSTM", recurrent<4>}};
}

}  // namespace octavo
