#include "runtime/onnxruntime/executor.h"

#include <fmt/format.h>
#include <onnxruntime_cxx_api.h>

#include <algorithm>
#include <mutex>
#include <string_view>

#include "core/scratch_directory.h"
#include "model/external_data.h"
#include "octavo/error.h"
#include "onnx/onnx-ml.pb.h"
#include "runtime/onnxruntime/outside_weights.h"
#include "runtime/onnxruntime/profile.h"
#include "runtime/onnxruntime/session.h"
#include "runtime/out_of_memory.h"

namespace octavo {
namespace {

// One for the process: ONNX Runtime's rule.
Ort::Env& environment() {
  static Ort::Env env(ORT_LOGGING_LEVEL_FATAL, "octavo");
  return env;
}

std::string serialized(const onnx::ModelProto& model) {
  std::string bytes;
  if (model.SerializeToString(&bytes)) return bytes;
  throw Error(ErrorCode::kUnsupported,
              "the model is over protobuf's limit of 2 GB, and its weights are not in files of "
              "their own: write it with external data (onnx.save with save_as_external_data) and "
              "disable what changes its weights in memory (--repair none)");
}

bool holds_small_floats(const onnx::ModelProto& model) {
  const auto& constants = model.graph().initializer();
  return std::any_of(constants.begin(), constants.end(), [](const auto& tensor) {
    const auto types = all_dtypes();
    return std::any_of(types.begin(), types.end(), [&](const DTypeTraits& type) {
      return type.is_small_float() && to_onnx(type.dtype) == tensor.data_type();
    });
  });
}

Ort::SessionOptions ort_options(const onnx::ModelProto& model, const SessionOptions& options) {
  Ort::SessionOptions result;
  result.SetIntraOpNumThreads(options.threads);
  result.SetInterOpNumThreads(1);
  result.SetExecutionMode(ORT_SEQUENTIAL);
  // The optimizer takes the codes of any Q/DQ pair for integers (seen in 1.31.1): of 8-bit floats
  // it makes kernels that refuse them, or drops a Relu before them. As written, they run.
  const bool as_written = options.optimization == Optimization::kNone || holds_small_floats(model);
  result.SetGraphOptimizationLevel(as_written ? ORT_DISABLE_ALL : ORT_ENABLE_ALL);
  if (options.optimization == Optimization::kFaithful) {
    result.AddConfigEntry("optimization.disable_specified_optimizers", "WeightBiasQuantization");
  }
  // Idle workers must not spin: a second session, or the observer, needs their core.
  result.AddConfigEntry("session.intra_op.allow_spinning", "0");
  return result;
}

// What a caller can do about it; empty: nothing that is known here.
std::string_view remedy(std::string_view reason) {
  constexpr std::string_view kUnknownOperator = "is not a registered function/op";
  if (reason.find(kUnknownOperator) == std::string_view::npos) return "";
  return " (libraries of custom operators are not loaded; modes weight-only, dynamic and float16 "
         "do not run the model)";
}

// One at a time: a session with a custom operator adds its domain to a map of the whole process,
// and the runtime looks first and adds afterwards, without a lock around both.
Ort::Session create_from(const std::string& bytes, const Ort::SessionOptions& options) {
  static std::mutex mutex;
  const std::scoped_lock lock(mutex);
  try {
    return {environment(), bytes.data(), bytes.size(), options};
  } catch (const Ort::Exception& error) {
    rethrow_out_of_memory(error.what());
    throw Error(ErrorCode::kInvalidModel, fmt::format("ONNX Runtime refuses the model: {}{}",
                                                      error.what(), remedy(error.what())));
  }
}

Ort::Session create(const onnx::ModelProto& model, Ort::SessionOptions& options) {
  if (!has_outside_data(model.graph())) return create_from(serialized(model), options);
  const OutsideWeights weights(model);
  weights.add_to(options);
  return create_from(serialized(weights.model()), options);
}

std::shared_ptr<LoadedModel> loaded(const Model& model, const SessionOptions& options) {
  Ort::SessionOptions settings = ort_options(model.proto(), options);
  auto result = std::make_shared<LoadedModel>();
  result->inputs = model.inputs();
  if (options.profiling == Profiling::kOn) {
    result->profile_folder = std::make_unique<ScratchDirectory>();
    result->source_names = std::make_unique<SourceNames>(model.proto().graph());
    settings.EnableProfiling((result->profile_folder->path() / "profile").c_str());
  }
  if (options.outputs.empty()) {
    result->session = create(model.proto(), settings);
    return result;
  }
  result->taps = options.outputs;
  result->tap_domain = std::make_unique<TapDomain>(result->tap_receiver);
  result->tap_domain->add_to(settings);
  result->session = create(tapped(model.proto(), options.outputs), settings);
  return result;
}

class OnnxruntimeExecutor final : public Executor {
 public:
  std::string_view name() const override { return "onnxruntime"; }
  std::string version() const override { return OrtGetApiBase()->GetVersionString(); }

  std::unique_ptr<Session> load(const Model& model, const SessionOptions& options) const override {
    return make_onnxruntime_session(loaded(model, options));
  }

  std::vector<std::unique_ptr<Session>> load_shared(const Model& model,
                                                    const SessionOptions& options,
                                                    std::size_t count) const override {
    if (count == 0 || options.profiling == Profiling::kOn) {
      return Executor::load_shared(model, options, count);
    }
    const std::shared_ptr<LoadedModel> shared = loaded(model, options);
    std::vector<std::unique_ptr<Session>> sessions;
    for (std::size_t i = 0; i < count; ++i) sessions.push_back(make_onnxruntime_session(shared));
    return sessions;
  }

  std::vector<ExecutedNode> executed_graph(const Model& model) const override {
    const ScratchDirectory folder;
    const auto path = folder.path() / "optimized.onnx";
    Ort::SessionOptions settings = ort_options(model.proto(), {});
    settings.SetOptimizedModelFilePath(path.c_str());
    create(model.proto(), settings);
    return read_executed_graph(path);
  }
};

}  // namespace

std::unique_ptr<Executor> make_onnxruntime_executor() {
  return std::make_unique<OnnxruntimeExecutor>();
}

}  // namespace octavo
