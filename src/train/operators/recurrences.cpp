// RNN, LSTM and GRU, written out step by step: libtorch's own have other gates and no such outputs.
// Source of the equations: the ONNX standard, operators RNN, LSTM and GRU.
#include <algorithm>

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
  at::Tensor peepholes;  // [3 * hidden] of an LSTM: input, output, forget; or undefined
  bool backward = false;
};

struct State {
  at::Tensor hidden;  // [batch, hidden]
  at::Tensor cell;    // of an LSTM

  // Where `goes_on` [batch, 1], `after`; elsewhere this.
  State advanced(const State& after, const at::Tensor& goes_on) const {
    return {at::where(goes_on, after.hidden, hidden),
            after.cell.defined() ? at::where(goes_on, after.cell, cell) : after.cell};
  }
};

using Step = State (*)(const at::Tensor& from_input, const State& before, const Direction& weights);

template <at::Tensor (*activation)(const at::Tensor&)>
State rnn_step(const at::Tensor& from_input, const State& before, const Direction& weights) {
  return {activation(from_input +
                     at::linear(before.hidden, weights.hidden_weight, weights.hidden_bias)),
          {}};
}

// What a peephole lets a gate see of the cell.
at::Tensor peeped(const Direction& weights, std::size_t gate, const at::Tensor& cell) {
  return weights.peepholes.chunk(3, 0)[gate] * cell;
}

State lstm_step(const at::Tensor& from_input, const State& before, const Direction& weights) {
  const at::Tensor sums =
      from_input + at::linear(before.hidden, weights.hidden_weight, weights.hidden_bias);
  auto gates = sums.chunk(4, 1);  // input, output, forget, cell
  const bool peeps = weights.peepholes.defined();
  if (peeps) {
    gates[0] = gates[0] + peeped(weights, 0, before.cell);
    gates[2] = gates[2] + peeped(weights, 2, before.cell);
  }
  const at::Tensor cell =
      at::sigmoid(gates[2]) * before.cell + at::sigmoid(gates[0]) * at::tanh(gates[3]);
  if (peeps) gates[1] = gates[1] + peeped(weights, 1, cell);
  return {at::sigmoid(gates[1]) * at::tanh(cell), cell};
}

template <bool resets_after>
State gru_step(const at::Tensor& from_input, const State& before, const Direction& weights) {
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

struct RecurrentForm {
  std::int64_t gates = 0;
  Step step = nullptr;
  std::int64_t hidden_size = 0;
  bool forward = true;       // in the first direction
  bool batch_first = false;  // ONNX's layout 1
};

// The hidden state of every step [steps, batch, hidden], and the last state. `lengths` [batch, 1],
// or undefined where all sequences are of all steps: beyond its end a sequence's state stays, and
// its output is zero.
std::pair<at::Tensor, State> run_direction(Step step, const at::Tensor& x, State state,
                                           const Direction& weights, const at::Tensor& lengths) {
  const at::Tensor from_input = at::linear(x, weights.input_weight, weights.input_bias);
  const std::int64_t steps = x.size(0);
  std::vector<at::Tensor> hidden(static_cast<std::size_t>(steps));
  for (std::int64_t i = 0; i < steps; ++i) {
    const std::int64_t at = weights.backward ? steps - 1 - i : i;
    State after = step(from_input[at], state, weights);
    at::Tensor& output = hidden[static_cast<std::size_t>(at)];
    output = after.hidden;
    if (lengths.defined()) {
      const at::Tensor goes_on = lengths > at;
      output = at::where(goes_on, output, at::zeros_like(output));
      after = state.advanced(after, goes_on);
    }
    state = after;
  }
  return {at::stack(hidden), state};
}

// An input's slice for a direction; undefined where there is none.
at::Tensor slice_at(const Values& inputs, std::size_t index, std::int64_t direction) {
  const at::Tensor given = input_at(inputs, index);
  return given.defined() ? given[direction] : given;
}

Direction direction_of(const RecurrentForm& form, const Values& inputs, std::int64_t index) {
  const std::int64_t rows = form.gates * form.hidden_size;
  const at::Tensor given = slice_at(inputs, 3, index);
  const at::Tensor bias = given.defined() ? given : at::zeros({2 * rows}, inputs[0].options());
  return {inputs[1][index],           inputs[2][index],
          bias.slice(0, 0, rows),     bias.slice(0, rows, 2 * rows),
          slice_at(inputs, 7, index), index == 1 || !form.forward};
}

State state_before(const Values& inputs, std::int64_t direction, const at::Tensor& none,
                   bool batch_first) {
  const auto at = [&](std::size_t index) {
    const at::Tensor given = input_at(inputs, index);
    return given.defined() ? given.select(batch_first ? 1 : 0, direction) : none;
  };
  return {at(5), at(6)};
}

Values run(const RecurrentForm& form, const Values& inputs) {
  const at::Tensor x = form.batch_first ? inputs[0].transpose(0, 1) : inputs[0];
  at::Tensor lengths = input_at(inputs, 4);
  if (lengths.defined()) lengths = lengths.to(x.device()).unsqueeze(1);
  const at::Tensor none = at::zeros({x.size(1), form.hidden_size}, x.options());
  std::vector<at::Tensor> sequences;
  std::vector<at::Tensor> hidden;
  std::vector<at::Tensor> cells;
  for (std::int64_t d = 0; d < inputs[1].size(0); ++d) {
    const auto [sequence, last] =
        run_direction(form.step, x, state_before(inputs, d, none, form.batch_first),
                      direction_of(form, inputs, d), lengths);
    sequences.push_back(sequence);
    hidden.push_back(last.hidden);
    if (last.cell.defined()) cells.push_back(last.cell);
  }
  const std::int64_t axis = form.batch_first ? 1 : 0;
  const at::Tensor all = at::stack(sequences, 1);  // [steps, directions, batch, hidden]
  Values outputs{form.batch_first ? all.permute({2, 0, 1, 3}) : all, at::stack(hidden, axis)};
  if (!cells.empty()) outputs.push_back(at::stack(cells, axis));
  return outputs;
}

std::vector<std::string> words_of(const OperatorNode& node) {
  std::vector<std::string> words;
  const onnx::AttributeProto* stated = find_attribute(node.proto, "activations");
  if (stated != nullptr) words.assign(stated->strings().begin(), stated->strings().end());
  return words;
}

// The activations of all directions are those of the standard, or none is stated.
bool are_usual(const std::vector<std::string>& words, const std::vector<std::string>& usual) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] != usual[i % usual.size()]) return false;
  }
  return true;
}

void require_plain(const OperatorNode& node) {
  for (const char* attribute : {"clip", "activation_alpha", "activation_beta"}) {
    if (find_attribute(node.proto, attribute) != nullptr) refuse(node, attribute);
  }
  if (int_attribute(node.proto, "input_forget", 0) != 0) refuse(node, "input_forget");
}

Forward recurrent(const OperatorNode& node, std::int64_t gates, Step step) {
  require_plain(node);
  const RecurrentForm form{gates, step, int_attribute(node.proto, "hidden_size", 0),
                           string_attribute(node.proto, "direction", "forward") != "reverse",
                           int_attribute(node.proto, "layout", 0) != 0};
  return [form](const Values& inputs) { return run(form, inputs); };
}

Forward rnn(const OperatorNode& node) {
  const std::vector<std::string> words = words_of(node);
  if (are_usual(words, {"Tanh"})) return recurrent(node, 1, rnn_step<at::tanh>);
  if (are_usual(words, {"Relu"})) return recurrent(node, 1, rnn_step<at::relu>);
  refuse(node, "these activations");
}

Forward lstm(const OperatorNode& node) {
  if (!are_usual(words_of(node), {"Sigmoid", "Tanh", "Tanh"})) refuse(node, "these activations");
  return recurrent(node, 4, lstm_step);
}

Forward gru(const OperatorNode& node) {
  if (!are_usual(words_of(node), {"Sigmoid", "Tanh"})) refuse(node, "these activations");
  const bool resets_after = int_attribute(node.proto, "linear_before_reset", 0) != 0;
  return recurrent(node, 3, resets_after ? gru_step<true> : gru_step<false>);
}

}  // namespace

std::vector<MappedOperator> recurrences_operators() {
  return {{"GRU", gru}, {"LSTM", lstm}, {"RNN", rnn}};
}

}  // namespace octavo
