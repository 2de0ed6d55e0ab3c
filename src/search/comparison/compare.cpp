#include "search/comparison/compare.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "core/decibels.h"
#include "model/graph.h"
#include "model/operators.h"
#include "octavo/error.h"
#include "search/comparison/causes/cause.h"
#include "search/comparison/layer_facts.h"
#include "search/comparison/layer_sums.h"
#include "search/comparison/linear_params.h"
#include "search/comparison/segments.h"
#include "search/comparison/unasked_layers.h"
#include "search/local_error.h"

namespace octavo {
namespace {

// Of the runtime that compares.
constexpr std::string_view kProfile = "onnxruntime-x86";

// As written: what the file says, not what one runtime's kernels make of it.
SessionOptions as_written(std::vector<std::string> outputs) {
  SessionOptions options;
  options.optimization = Optimization::kNone;
  options.outputs = std::move(outputs);
  return options;
}

std::span<const float> floats(const TensorView& view) {
  return {reinterpret_cast<const float*>(view.bytes.data()), view.bytes.size() / sizeof(float)};
}

bool alike(const Tensor& a, const Tensor& b) {
  return a.dtype() == DType::kFloat32 && b.dtype() == DType::kFloat32 && a.shape() == b.shape();
}

bool is_weighted(const LayerComparison& layer) {
  return weighted_inputs(layer.op_type).has_value();
}

std::vector<std::string> float_names(std::span<const TensorPair> pairs) {
  std::vector<std::string> names;
  for (const TensorPair& pair : pairs) names.push_back(pair.tensor);
  return names;
}

// The pairs as the float model has them: without quantizers.
std::vector<TensorPair> float_pairs(std::span<const TensorPair> pairs) {
  std::vector<TensorPair> result;
  for (const TensorPair& pair : pairs) result.push_back({pair.tensor, {pair.tensor}, nullptr});
  return result;
}

std::vector<std::string> stand_in_names(std::span<const TensorPair> pairs) {
  std::vector<std::string> names;
  for (const TensorPair& pair : pairs) names.push_back(pair.stand_ins.front());
  return names;
}

std::string inputs_text(const std::vector<TensorInfo>& inputs) {
  std::vector<std::string> texts;
  for (const TensorInfo& input : inputs) {
    texts.push_back(fmt::format("'{}' ({})", input.name, traits(input.dtype).name));
  }
  return fmt::format("{}", fmt::join(texts, ", "));
}

void require_same_inputs(const Model& float_model, const Model& quantized) {
  const auto expected = float_model.inputs();
  const auto found = quantized.inputs();
  const bool same = std::equal(expected.begin(), expected.end(), found.begin(), found.end(),
                               [](const TensorInfo& a, const TensorInfo& b) {
                                 return a.name == b.name && a.dtype == b.dtype;
                               });
  if (same) return;
  throw Error(ErrorCode::kInvalidArgument,
              fmt::format("the models' inputs differ: the float model takes {}; the quantized one "
                          "{}. Codes at inputs can be compared where octavo.scale.NAME and "
                          "octavo.zero_point.NAME in the metadata say what they mean",
                          inputs_text(expected), inputs_text(found)));
}

class Comparison {
 public:
  Comparison(const Model& float_model, const Model& quantized, const Dataset& data,
             const Executor& executor, const ComparisonOptions& options)
      : float_model_(float_model),
        quantized_(quantized),
        data_(data),
        executor_(executor),
        options_(options),
        exact_graph_(float_model.proto().graph()),
        quantized_graph_(quantized.proto().graph()) {}

  ComparisonReport run() {
    ComparisonReport report;
    report.samples = std::min(options_.samples, data_.size());
    if (report.samples == 0) throw Error(ErrorCode::kInvalidData, "no samples to compare on");
    report.runtime = fmt::format("{} {}", executor_.name(), executor_.version());
    require_same_inputs(float_model_, quantized_);
    report.unasked_layers = unasked_layers(quantized_graph_, load_profile(kProfile));
    choose_pairs(report);
    load_sessions();
    for (std::size_t i = 0; i < report.samples; ++i) {
      add_sample(data_.at(i));
      if (options_.progress) options_.progress(i + 1, report.samples);
    }
    describe(report);
    return report;
  }

 private:
  // Of the tensors that both name, those that are float32 and of one shape in both.
  void choose_pairs(ComparisonReport& report) {
    TensorPairs candidates = pair_tensors(exact_graph_, quantized_graph_);
    report.unmatched = std::move(candidates.unmatched);
    const Sample sample = data_.at(0);
    const auto exact = run_once(float_model_, float_names(candidates.pairs), sample);
    const auto quantized = run_once(quantized_, stand_in_names(candidates.pairs), sample);
    for (std::size_t i = 0; i < candidates.pairs.size(); ++i) {
      if (!alike(exact[i], quantized[i])) continue;
      shapes_.push_back(exact[i].shape());
      pairs_.push_back(std::move(candidates.pairs[i]));
    }
    const std::size_t inputs = float_model_.inputs().size();
    if (pairs_.size() > inputs) return;
    throw Error(
        ErrorCode::kInvalidArgument,
        "the quantized model has no float32 tensor with a name of the float model's, inputs "
        "aside: it was made of another file, or its layers run in half precision, which "
        "`octavo evaluate` judges");
  }

  std::vector<Tensor> run_once(const Model& model, const std::vector<std::string>& tensors,
                               const Sample& sample) const {
    if (tensors.empty()) return {};
    return executor_.load(model, as_written(tensors))->run(sample.inputs);
  }

  void load_sessions() {
    exact_session_ = executor_.load(float_model_, as_written(float_names(pairs_)));
    whole_session_ = executor_.load(quantized_, as_written(stand_in_names(pairs_)));
    std::vector<std::size_t> ranks;
    for (const Shape& shape : shapes_) ranks.push_back(shape.size());
    apart_session_ =
        executor_.load(cut_apart(quantized_, pairs_, ranks), as_written(stand_in_names(pairs_)));
    exact_apart_session_ = executor_.load(cut_apart(float_model_, float_pairs(pairs_), ranks),
                                          as_written(float_names(pairs_)));
    executed_session_ = executor_.load(quantized_, {});
    const PairNames names(pairs_);
    for (std::size_t i = 0; i < pairs_.size(); ++i) {
      layers_.push_back(layer_facts({exact_graph_, quantized_graph_, pairs_, names}, i));
      const std::size_t axis = channel_axis(layers_.back(), shapes_[i].size());
      sums_.emplace_back(channel_stride(shapes_[i], axis), quantizer_of(pairs_[i]));
    }
  }

  std::optional<QuantParams> quantizer_of(const TensorPair& pair) const {
    if (pair.dequantize == nullptr) return std::nullopt;
    auto params = linear_params(quantized_graph_, *pair.dequantize);
    if (!params || params->granularity() != Granularity::kPerTensor) return std::nullopt;
    return params;
  }

  void add_sample(const Sample& sample) {
    const std::vector<Tensor> exact = exact_session_->run(sample.inputs);
    for (std::size_t i = 0; i < exact.size(); ++i) sums_[i].add_exact(exact[i]);
    std::vector<Tensor> outputs(pairs_.size());
    whole_session_->run(sample.inputs, [&](std::size_t i, const TensorView& view) {
      require_same_size(i, exact[i], view, sample);
      sums_[i].add_so_far(exact[i].as<float>(), floats(view));
      if (!exact_graph_.is_output(pairs_[i].tensor)) return;
      outputs[i] = {view.dtype, view.shape, {view.bytes.begin(), view.bytes.end()}};
    });
    add_apart(sample, exact);
    add_executed(sample, exact, outputs);
  }

  // The quantized layers on exact inputs; then the float layers on what came out; then those behind
  // layers without weights, which only hand on.
  void add_apart(const Sample& sample, const std::vector<Tensor>& exact) {
    std::vector<Tensor> fed = sample.inputs;
    fed.insert(fed.end(), exact.begin(), exact.end());
    const auto first = fed.begin() + static_cast<std::ptrdiff_t>(sample.inputs.size());
    const std::vector<Tensor> own = apart_session_->run(fed);
    for (std::size_t i = 0; i < own.size(); ++i) {
      sums_[i].add_own(exact[i].as<float>(), own[i].as<float>());
    }
    std::copy(own.begin(), own.end(), first);
    const std::vector<Tensor> inherited = exact_apart_session_->run(fed);
    for (std::size_t i = 0; i < own.size(); ++i) {
      sums_[i].add_inherited(exact[i].as<float>(), inherited[i].as<float>());
      if (!is_weighted(layers_[i])) first[static_cast<std::ptrdiff_t>(i)] = inherited[i];
    }
    exact_apart_session_->run(fed, [&](std::size_t i, const TensorView& view) {
      sums_[i].add_passed_on(exact[i].as<float>(), floats(view));
    });
  }

  void require_same_size(std::size_t pair, const Tensor& exact, const TensorView& view,
                         const Sample& sample) const {
    if (view.shape == exact.shape()) return;
    throw Error(
        ErrorCode::kInvalidArgument,
        fmt::format("tensor '{}' of {}: shape {} in the float model, {} in the quantized one",
                    pairs_[pair].tensor, sample.name, to_string(exact.shape()),
                    to_string(view.shape)));
  }

  void add_executed(const Sample& sample, const std::vector<Tensor>& exact,
                    const std::vector<Tensor>& written) {
    const std::vector<Tensor> executed = executed_session_->run(sample.inputs);
    const auto& names = executed_session_->output_names();
    for (std::size_t i = 0; i < pairs_.size(); ++i) {
      const auto found = std::find(names.begin(), names.end(), pairs_[i].stand_ins.front());
      if (written[i].size() == 0 || found == names.end()) continue;
      const auto answer = executed[static_cast<std::size_t>(found - names.begin())].as<float>();
      as_written_.add(exact[i].as<float>(), written[i].as<float>(), {1, exact[i].size()});
      executed_.add(exact[i].as<float>(), answer, {1, exact[i].size()});
    }
  }

  void describe(ComparisonReport& report) {
    report.kernels = {as_written_.error().sqnr_db, executed_.error().sqnr_db};
    const PairNames names(pairs_);
    for (std::size_t i = 0; i < pairs_.size(); ++i) sums_[i].finish(layers_[i]);
    for (LayerComparison& layer : layers_) {
      for (const std::string& input : layer.inputs) {
        const std::size_t from = names.find(input).value_or(0);
        layer.input_magnitudes.push_back(sums_[from].magnitude());
        const double share = static_cast<double>(layers_[from].starved_channels) /
                             static_cast<double>(layers_[from].channels);
        layer.starved_input_share = std::max(layer.starved_input_share, share);
      }
    }
    for (LayerComparison& layer : layers_) layer.effect_db = effect_of(layer);
    report.layers = std::move(layers_);
    name_causes(report);
  }

  std::vector<std::size_t> readers_of(const LayerComparison& layer) const {
    std::vector<std::size_t> readers;
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      const auto& inputs = layers_[i].inputs;
      const bool reads = std::find(inputs.begin(), inputs.end(), layer.tensor) != inputs.end();
      if (reads) readers.push_back(i);
    }
    return readers;
  }

  // What part of the error that `reader` inherits is that of `layer`, in decibels: by the noise of
  // its inputs, every channel counting alike.
  double share_db(const LayerComparison& layer, const LayerComparison& reader) const {
    const auto noise = [](const LayerComparison& of) {
      return std::pow(10, -of.own.channel_sqnr_db / 10);
    };
    double all = 0;
    for (const LayerComparison& input : layers_) {
      const auto& names = reader.inputs;
      if (std::find(names.begin(), names.end(), input.tensor) != names.end()) all += noise(input);
    }
    return signal_to_noise_db(all, noise(layer));
  }

  double effect_of(const LayerComparison& layer) const {
    const std::vector<std::size_t> readers = readers_of(layer);
    if (readers.empty()) return layer.own.sqnr_db;
    std::optional<double> worst;
    const auto take = [&](double sqnr_db) { worst = std::min(worst.value_or(sqnr_db), sqnr_db); };
    for (const std::size_t reader : readers) {
      const double share = share_db(layer, layers_[reader]);
      if (is_weighted(layers_[reader])) {
        take(sums_[reader].inherited_sqnr_db() + share);
        continue;
      }
      for (const std::size_t next : readers_of(layers_[reader])) {
        if (is_weighted(layers_[next])) take(sums_[next].passed_on_sqnr_db() + share);
      }
    }
    return worst.value_or(layer.own.channel_sqnr_db);
  }

  const Model& float_model_;
  const Model& quantized_;
  const Dataset& data_;
  const Executor& executor_;
  const ComparisonOptions& options_;
  const Graph exact_graph_;
  const Graph quantized_graph_;
  std::vector<TensorPair> pairs_;
  std::vector<Shape> shapes_;
  std::vector<LayerComparison> layers_;
  std::vector<LayerSums> sums_;
  ErrorSums as_written_;
  ErrorSums executed_;
  std::unique_ptr<Session> exact_session_;
  std::unique_ptr<Session> whole_session_;
  std::unique_ptr<Session> apart_session_;
  std::unique_ptr<Session> exact_apart_session_;
  std::unique_ptr<Session> executed_session_;
};

}  // namespace

ComparisonReport measure_comparison(const Model& float_model, const Model& quantized,
                                    const Dataset& data, const Executor& executor,
                                    const ComparisonOptions& options) {
  return Comparison(float_model, quantized, data, executor, options).run();
}

std::vector<std::size_t> worst_first(const ComparisonReport& report) {
  std::vector<std::size_t> order(report.layers.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  const auto rank = [&](std::size_t i) {
    const double sqnr = report.layers[i].effect_db;
    return std::isnan(sqnr) ? -1e9 : sqnr;
  };
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return rank(a) < rank(b); });
  return order;
}

}  // namespace octavo
