#include "repair/expected_means.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <utility>
#include <variant>

#include "model/operators.h"
#include "prepare/batchnorm.h"
#include "prepare/constants.h"
#include "prepare/linear_node.h"
#include "prepare/operator_match.h"
#include "repair/channel_flow.h"
#include "repair/elementwise.h"

namespace octavo {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

// What one channel of a tensor holds.
struct Variable {
  double mean = kUnknown;
  double deviation = kUnknown;
  // Of the normal variable that it is a function of, and its values at the points of that; none for
  // a normal variable itself.
  std::size_t source = 0;
  std::shared_ptr<const std::vector<double>> values = {};

  bool is_known() const { return !std::isnan(mean); }
  bool is_distribution() const { return is_known() && !std::isnan(deviation); }
  double value(std::size_t point) const {
    return values ? (*values)[point] : mean + deviation * normal_points()[point].point;
  }
};

using Binary = double (*)(double, double);

Binary binary_function(const onnx::NodeProto& node) {
  static constexpr std::array<std::pair<std::string_view, Binary>, 4> kFunctions = {{
      {"Add", [](double a, double b) { return a + b; }},
      {"Div", [](double a, double b) { return a / b; }},
      {"Mul", [](double a, double b) { return a * b; }},
      {"Sub", [](double a, double b) { return a - b; }},
  }};
  const auto* found =
      std::ranges::find(kFunctions, node.op_type(), &std::pair<std::string_view, Binary>::first);
  return found == kFunctions.end() || !is_operator(node, node.op_type(), 2) ? nullptr
                                                                            : found->second;
}

class MeanTracker {
 public:
  explicit MeanTracker(const Graph& graph) : graph_(graph), flow_(graph) {}

  ExpectedMeans run() {
    ExpectedMeans result;
    for (const onnx::NodeProto& node : graph_.proto().node()) {
      auto channels = follow(node);
      if (!channels) continue;
      std::vector<double> means;
      for (const std::size_t id : channels->channels) means.push_back(variables_[id].mean);
      if (std::ranges::none_of(means, [](double mean) { return std::isnan(mean); })) {
        result[node.output(0)] = std::move(means);
      }
      flow_.set(node.output(0), std::move(*channels));
    }
    return result;
  }

 private:
  // The channels of the node's output, known or not; none where they cannot be told apart.
  std::optional<TensorChannels> follow(const onnx::NodeProto& node) {
    if (!has_operands(node, 1)) return std::nullopt;
    if (is_batchnorm(node)) return follow_batchnorm(node);
    if (is_linear_operator(node)) return follow_layer(node);
    if (ChannelFlow::rearranges(node)) return follow_rearranged(node);
    if (const Binary function = binary_function(node)) return follow_binary(node, function);
    const TensorChannels* input = flow_.find(node.input(0));
    if (input == nullptr) return std::nullopt;
    if (node.op_type() == "Identity" || node.op_type() == "Dropout") return *input;
    if (node.op_type() == "GlobalAveragePool" || averages_plainly(node)) {
      return averaged(*input, is_global_pool(node));
    }
    if (const auto function = elementwise_function(node, graph_)) {
      return each(*input, [&](const Variable& x) { return applied(function, x); });
    }
    return std::nullopt;
  }

  std::optional<TensorChannels> follow_batchnorm(const onnx::NodeProto& node) {
    if (std::holds_alternative<std::string>(batchnorm_affine(graph_, node))) return std::nullopt;
    const auto deviations = constant_values(graph_, node.input(1));
    const auto means = constant_values(graph_, node.input(2));
    if (!deviations || !means) return std::nullopt;
    const TensorChannels* input = flow_.find(node.input(0));
    TensorChannels output;
    if (input != nullptr) output = {{}, input->axis, input->one_position};
    for (std::size_t i = 0; i < means->size(); ++i) {
      output.channels.push_back(add_normal((*means)[i], std::abs((*deviations)[i])));
    }
    return output;
  }

  // What a layer makes of means is a mean; its deviation depends on how its inputs hang together.
  std::optional<TensorChannels> follow_layer(const onnx::NodeProto& node) {
    const auto found = as_linear_node(graph_, node);
    const auto* layer = std::get_if<LinearNode>(&found);
    if (layer == nullptr) return std::nullopt;
    std::vector<double> means(layer->output_channels, kUnknown);
    if (flow_.reads_channels(*layer)) {
      std::vector<double> inputs;
      for (const std::size_t id : flow_.find(node.input(0))->channels) {
        inputs.push_back(variables_[id].mean);
      }
      means = propagated(*layer, inputs);
      for (std::size_t i = 0; i < means.size(); ++i) means[i] += layer->bias[i];
    }
    TensorChannels output;
    output.axis = is_product(node) ? ChannelAxis::kLast : ChannelAxis::kSecond;
    for (const double mean : means) output.channels.push_back(add_normal(mean, kUnknown));
    return output;
  }

  std::optional<TensorChannels> follow_rearranged(const onnx::NodeProto& node) {
    auto result = flow_.rearranged(node);
    if (result && node.op_type() == "ReduceMean") return averaged(*result, result->one_position);
    return result;
  }

  std::optional<TensorChannels> follow_binary(const onnx::NodeProto& node, Binary function) {
    const TensorChannels* a = flow_.find(node.input(0));
    const TensorChannels* b = flow_.find(node.input(1));
    if (a != nullptr && b != nullptr) {
      if (a->axis != b->axis || a->channels.size() != b->channels.size()) return std::nullopt;
      TensorChannels result = *a;
      result.one_position = a->one_position && b->one_position;
      for (std::size_t i = 0; i < result.channels.size(); ++i) {
        result.channels[i] = joined(function, node.op_type(), a->channels[i], b->channels[i]);
      }
      return result;
    }
    const TensorChannels* input = a != nullptr ? a : b;
    if (input == nullptr) return std::nullopt;
    const auto constants = channel_constants(node.input(a != nullptr ? 1 : 0), *input);
    if (!constants) return std::nullopt;
    std::size_t channel = 0;
    return each(*input, [&](const Variable& x) {
      const double constant = (*constants)[channel++];
      const bool linear = node.op_type() != "Div" || a != nullptr;
      const auto with_constant = [&](double value) {
        return a != nullptr ? function(value, constant) : function(constant, value);
      };
      if (linear && !x.is_distribution()) return Variable{with_constant(x.mean)};
      return applied(with_constant, x);
    });
  }

  // One number a channel, of a constant that broadcasts so.
  std::optional<std::vector<double>> channel_constants(const std::string& name,
                                                       const TensorChannels& input) const {
    const auto constant = constant_tensor(graph_, name);
    if (!constant) return std::nullopt;
    const std::size_t channels = input.channels.size();
    if (constant->size() == 1) return std::vector<double>(channels, constant->at(0));
    const Shape& shape = constant->shape();
    const std::size_t behind = input.axis == ChannelAxis::kLast ? 0 : 2;
    const bool fits = constant->size() == channels && shape.size() > behind &&
                      shape[shape.size() - 1 - behind] == static_cast<std::int64_t>(channels);
    return fits ? std::optional(to_doubles(*constant)) : std::nullopt;
  }

  TensorChannels averaged(const TensorChannels& input, bool one_position) {
    TensorChannels result = each(input, [](const Variable& x) { return Variable{x.mean}; });
    result.one_position = one_position;
    return result;
  }

  template <typename Function>
  TensorChannels each(const TensorChannels& input, Function function) {
    TensorChannels result = input;
    for (std::size_t& id : result.channels) id = add(function(Variable(variables_[id])));
    return result;
  }

  template <typename Function>
  static Variable applied(const Function& function, const Variable& x) {
    if (!x.is_distribution()) return {};
    return of_values(x.source, [&](std::size_t point) { return function(x.value(point)); });
  }

  template <typename ValueAt>
  static Variable of_values(std::size_t source, ValueAt value_at) {
    const std::vector<NormalPoint>& points = normal_points();
    std::vector<double> values;
    double mean = 0;
    double square = 0;
    for (std::size_t i = 0; i < points.size(); ++i) {
      values.push_back(value_at(i));
      mean += points[i].weight * values.back();
      square += points[i].weight * values.back() * values.back();
    }
    return {mean, std::sqrt(std::max(square - mean * mean, 0.0)), source,
            std::make_shared<const std::vector<double>>(std::move(values))};
  }

  std::size_t joined(Binary function, std::string_view type, std::size_t left, std::size_t right) {
    const Variable a = variables_[left];
    const Variable b = variables_[right];
    if (a.is_distribution() && b.is_distribution() && a.source == b.source) {
      return add(of_values(
          a.source, [&](std::size_t point) { return function(a.value(point), b.value(point)); }));
    }
    if (type == "Div") return add({});
    if (type == "Mul") return add_normal(a.mean * b.mean, kUnknown);
    return add_normal(function(a.mean, b.mean), std::hypot(a.deviation, b.deviation));
  }

  std::size_t add(Variable variable) {
    variables_.push_back(std::move(variable));
    return variables_.size() - 1;
  }

  std::size_t add_normal(double mean, double deviation) {
    return add({mean, deviation, variables_.size(), nullptr});
  }

  const Graph& graph_;
  ChannelFlow flow_;
  std::vector<Variable> variables_;
};

}  // namespace

const std::vector<NormalPoint>& normal_points() {
  static const std::vector<NormalPoint> kPoints = [] {
    constexpr int kCount = 257;
    constexpr double kFarthest = 6;
    std::vector<NormalPoint> points;
    double sum = 0;
    for (int i = 0; i < kCount; ++i) {
      const double point = kFarthest * (2.0 * i / (kCount - 1) - 1);
      points.push_back({point, std::exp(-point * point / 2)});
      sum += points.back().weight;
    }
    for (NormalPoint& point : points) point.weight /= sum;
    return points;
  }();
  return kPoints;
}

ExpectedMeans expected_means(const Graph& graph) { return MeanTracker(graph).run(); }

}  // namespace octavo
