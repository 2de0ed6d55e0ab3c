#include "runtime/openvino/session.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "octavo/error.h"
#include "runtime/check_inputs.h"
#include "runtime/openvino/compile.h"
#include "runtime/openvino/element_type.h"
#include "runtime/openvino/profile.h"
#include "runtime/openvino/translate_errors.h"

namespace octavo {
namespace {

// Kernels for known shapes are faster, but compiling takes many times as long as a run. Data whose
// shapes keep changing get one compilation for any shape.
constexpr std::size_t kMaxCompilations = 4;

// Where the model's input is among OpenVINO's; none if the frontend dropped an unused one.
std::optional<std::size_t> parameter_of(const ov::Model& model, const std::string& name) {
  const auto& parameters = model.inputs();
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (parameters[i].get_names().contains(name)) return i;
  }
  return std::nullopt;
}

bool has_known_shapes(const ov::Model& model) {
  return std::ranges::all_of(
      model.inputs(), [](const auto& input) { return input.get_partial_shape().is_static(); });
}

ov::Shape to_openvino(const Shape& shape) { return {shape.begin(), shape.end()}; }

TensorView view_of(const ov::Tensor& tensor) {
  const DTypeTraits& type = traits(dtype_from_openvino(tensor.get_element_type()));
  const ov::Shape& shape = tensor.get_shape();
  const auto* data = static_cast<const std::byte*>(tensor.data());
  return {type.dtype, {shape.begin(), shape.end()}, {data, type.bytes(tensor.get_size())}};
}

using Shapes = std::map<std::size_t, ov::Shape>;  // by parameter

// The compilations of one model: for its own shapes where it has them, else for those that come.
class Compilations {
 public:
  struct Compiled {
    ov::CompiledModel model;
    bool takes_any_shape = false;
  };

  Compilations(std::shared_ptr<ov::Model> model, SessionOptions options, int sessions)
      : model_(std::move(model)), options_(std::move(options)), sessions_(sessions) {
    if (has_known_shapes(*model_)) compile_for_any();
  }

  const ov::Model& model() const { return *model_; }
  const SessionOptions& options() const { return options_; }

  Compiled for_shapes(const Shapes& shapes) {
    const std::scoped_lock lock(mutex_);
    if (for_any_) return {*for_any_, true};
    const auto known = for_shapes_.find(shapes);
    if (known != for_shapes_.end()) return {known->second, false};
    if (for_shapes_.size() == kMaxCompilations) return {compile_for_any(), true};
    const std::shared_ptr<ov::Model> reshaped = model_->clone();
    reshaped->reshape(std::map<std::size_t, ov::PartialShape>(shapes.begin(), shapes.end()));
    return {for_shapes_.emplace(shapes, compile(reshaped)).first->second, false};
  }

 private:
  ov::CompiledModel compile(const std::shared_ptr<const ov::Model>& model) const {
    return compile_openvino_model(model, options_, sessions_);
  }

  const ov::CompiledModel& compile_for_any() {
    const ov::CompiledModel& compiled = for_any_.emplace(compile(model_));
    for_shapes_.clear();
    return compiled;
  }

  std::shared_ptr<ov::Model> model_;  // with its free dimensions
  SessionOptions options_;
  int sessions_;
  std::mutex mutex_;
  std::map<Shapes, ov::CompiledModel> for_shapes_;
  std::optional<ov::CompiledModel> for_any_;
};

class OpenvinoSession final : public Session {
 public:
  OpenvinoSession(std::shared_ptr<Compilations> compilations, OpenvinoModelNames names)
      : compilations_(std::move(compilations)),
        names_(std::move(names)),
        profiling_(compilations_->options().profiling) {
    for (const TensorInfo& input : names_.inputs) {
      parameters_.push_back(parameter_of(compilations_->model(), input.name));
    }
  }

  const std::vector<std::string>& output_names() const override { return names_.outputs; }

  std::vector<Tensor> run(std::span<const Tensor> inputs) override {
    std::vector<Tensor> outputs(names_.outputs.size());
    run(inputs, [&](std::size_t index, const TensorView& view) {
      outputs[index] = {view.dtype, view.shape, {view.bytes.begin(), view.bytes.end()}};
    });
    return outputs;
  }

  void run(std::span<const Tensor> inputs, const OutputVisitor& visit) override {
    check_inputs(inputs, names_.inputs);
    std::vector<ov::Tensor> tensors = wrap(inputs);
    translate_errors(ErrorCode::kRuntime, "OpenVINO", [&] { infer(tensors); });
    for (std::size_t i = 0; i < names_.outputs.size(); ++i) {
      visit(i, view_of(request_.get_output_tensor(i)));
    }
  }

  std::vector<NodeTime> node_times() override {
    if (profiling_ == Profiling::kOff) return {};
    record_profile();
    profiling_ = Profiling::kOff;
    return profile_.take(names_.nodes);
  }

 private:
  // The tensors' own memory, seen as the runtime's: nothing is copied.
  static std::vector<ov::Tensor> wrap(std::span<const Tensor> inputs) {
    std::vector<ov::Tensor> tensors;
    for (const Tensor& input : inputs) {
      // The API takes mutable memory, but an input is only read.
      auto* data = const_cast<std::byte*>(input.bytes().data());
      tensors.emplace_back(octavo::to_openvino(input.dtype()), to_openvino(input.shape()), data);
    }
    return tensors;
  }

  void infer(const std::vector<ov::Tensor>& tensors) {
    adapt_to(tensors);
    for (std::size_t i = 0; i < tensors.size(); ++i) {
      const std::optional<std::size_t> parameter = parameters_[i];
      if (parameter) request_.set_input_tensor(*parameter, tensors[i]);
    }
    request_.infer();
    ++runs_;
  }

  // A request for the shapes of `tensors`, unless that is what is there.
  void adapt_to(const std::vector<ov::Tensor>& tensors) {
    if (takes_any_shape_) return;
    Shapes shapes;
    for (std::size_t i = 0; i < tensors.size(); ++i) {
      const std::optional<std::size_t> parameter = parameters_[i];
      if (parameter) shapes.emplace(*parameter, tensors[i].get_shape());
    }
    if (request_ && shapes == shapes_) return;
    Compilations::Compiled compiled = compilations_->for_shapes(shapes);
    record_profile();
    request_ = compiled.model.create_infer_request();
    takes_any_shape_ = compiled.takes_any_shape;
    shapes_ = std::move(shapes);
  }

  void record_profile() {
    if (profiling_ == Profiling::kOn && request_) profile_.add(request_, runs_);
    runs_ = 0;
  }

  std::shared_ptr<Compilations> compilations_;
  OpenvinoModelNames names_;
  Profiling profiling_;
  std::vector<std::optional<std::size_t>> parameters_;  // of each input
  ov::InferRequest request_;                            // keeps its compiled model alive
  Shapes shapes_;                                       // that the request is for
  bool takes_any_shape_ = false;
  OpenvinoProfile profile_;
  std::int64_t runs_ = 0;  // of this request
};

}  // namespace

std::vector<std::unique_ptr<Session>> make_openvino_sessions(std::shared_ptr<ov::Model> model,
                                                             const OpenvinoModelNames& names,
                                                             const SessionOptions& options,
                                                             std::size_t count) {
  if (count == 0) return {};
  const auto compilations =
      translate_errors(ErrorCode::kInvalidModel, "OpenVINO refuses the model", [&] {
        return std::make_shared<Compilations>(std::move(model), options, static_cast<int>(count));
      });
  std::vector<std::unique_ptr<Session>> sessions;
  for (std::size_t i = 0; i < count; ++i) {
    sessions.push_back(std::make_unique<OpenvinoSession>(compilations, names));
  }
  return sessions;
}

}  // namespace octavo
