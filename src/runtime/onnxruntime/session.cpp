#include "runtime/onnxruntime/session.h"

#include <fmt/format.h>

#include <cstring>
#include <string>
#include <utility>

#include "octavo/error.h"
#include "runtime/check_inputs.h"
#include "runtime/onnxruntime/profile.h"
#include "runtime/out_of_memory.h"

namespace octavo {
namespace {

ONNXTensorElementDataType ort_type(DType dtype) {
  return static_cast<ONNXTensorElementDataType>(to_onnx(dtype));  // the same numbers
}

class OnnxruntimeSession final : public Session {
 public:
  OnnxruntimeSession(SessionParts parts, Ort::Session session)
      : parts_(std::move(parts)), session_(std::move(session)) {
    Ort::AllocatorWithDefaultOptions allocator;
    for (std::size_t i = 0; i < session_.GetOutputCount(); ++i) {
      // Sequences and maps are computed, but nobody here could read them.
      if (session_.GetOutputTypeInfo(i).GetONNXType() != ONNX_TYPE_TENSOR) continue;
      fetched_names_.emplace_back(session_.GetOutputNameAllocated(i, allocator).get());
    }
    if (fetched_names_.empty()) {
      throw Error(ErrorCode::kUnsupported, "no output of the model is a tensor");
    }
    for (const TensorInfo& input : parts_.inputs) input_pointers_.push_back(input.name.c_str());
    for (const std::string& name : fetched_names_) fetched_pointers_.push_back(name.c_str());
  }

  const std::vector<std::string>& output_names() const override {
    return parts_.taps.empty() ? fetched_names_ : parts_.taps;
  }

  std::vector<Tensor> run(std::span<const Tensor> inputs) override {
    std::vector<Tensor> outputs(output_names().size());
    run(inputs, [&](std::size_t index, const TensorView& view) {
      outputs[index] = {view.dtype, view.shape, {view.bytes.begin(), view.bytes.end()}};
    });
    return outputs;
  }

  void run(std::span<const Tensor> inputs, const OutputVisitor& visit) override {
    const std::vector<Ort::Value> values = wrap(inputs);
    if (!parts_.taps.empty()) return run_tapped(values, visit);
    const std::vector<Ort::Value> outputs = execute(values);
    for (std::size_t i = 0; i < outputs.size(); ++i) visit(i, view_of(outputs[i].GetConst()));
  }

  std::vector<NodeTime> node_times() override {
    if (parts_.profile_folder == nullptr) return {};
    Ort::AllocatorWithDefaultOptions allocator;
    const Ort::AllocatedStringPtr path = session_.EndProfilingAllocated(allocator);
    std::vector<NodeTime> times = read_profile(path.get());
    for (NodeTime& time : times) time.source = parts_.source_names->find(time.name);
    parts_.profile_folder.reset();
    return times;
  }

 private:
  // The tensors' own memory, seen as the runtime's values: nothing is copied.
  std::vector<Ort::Value> wrap(std::span<const Tensor> inputs) const {
    check_inputs(inputs, parts_.inputs);
    std::vector<Ort::Value> values;
    for (const Tensor& tensor : inputs) {
      // The API takes mutable memory, but an input is only read.
      auto* data = const_cast<std::byte*>(tensor.bytes().data());
      values.push_back(Ort::Value::CreateTensor(memory_, data, tensor.bytes().size(),
                                                tensor.shape().data(), tensor.shape().size(),
                                                ort_type(tensor.dtype())));
    }
    return values;
  }

  std::vector<Ort::Value> execute(const std::vector<Ort::Value>& values) {
    try {
      return session_.Run(Ort::RunOptions{nullptr}, input_pointers_.data(), values.data(),
                          values.size(), fetched_pointers_.data(), fetched_pointers_.size());
    } catch (const Ort::Exception& error) {
      rethrow_out_of_memory(error.what());
      throw Error(ErrorCode::kRuntime, fmt::format("ONNX Runtime: {}", error.what()));
    }
  }

  void run_tapped(const std::vector<Ort::Value>& values, const OutputVisitor& visit) {
    parts_.tap_receiver->visitor = &visit;
    parts_.tap_receiver->failure = nullptr;
    execute(values);
    if (parts_.tap_receiver->failure) std::rethrow_exception(parts_.tap_receiver->failure);
  }

  SessionParts parts_;  // outlives the session that uses them
  Ort::Session session_;
  std::vector<std::string> fetched_names_;
  std::vector<const char*> input_pointers_;
  std::vector<const char*> fetched_pointers_;
  Ort::MemoryInfo memory_ = Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault);
};

}  // namespace

std::unique_ptr<Session> make_onnxruntime_session(SessionParts parts, Ort::Session session) {
  return std::make_unique<OnnxruntimeSession>(std::move(parts), std::move(session));
}

}  // namespace octavo
