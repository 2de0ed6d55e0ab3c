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
  explicit OnnxruntimeSession(std::shared_ptr<LoadedModel> model) : model_(std::move(model)) {
    Ort::AllocatorWithDefaultOptions allocator;
    for (std::size_t i = 0; i < model_->session.GetOutputCount(); ++i) {
      // Sequences and maps are computed, but nobody here could read them.
      if (model_->session.GetOutputTypeInfo(i).GetONNXType() != ONNX_TYPE_TENSOR) continue;
      fetched_names_.emplace_back(model_->session.GetOutputNameAllocated(i, allocator).get());
    }
    if (fetched_names_.empty()) {
      throw Error(ErrorCode::kUnsupported, "no output of the model is a tensor");
    }
    for (const TensorInfo& input : model_->inputs) input_pointers_.push_back(input.name.c_str());
    for (const std::string& name : fetched_names_) fetched_pointers_.push_back(name.c_str());
  }

  const std::vector<std::string>& output_names() const override {
    return model_->taps.empty() ? fetched_names_ : model_->taps;
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
    if (!model_->taps.empty()) {
      return model_->tap_receiver.deliver(visit, [&] { execute(values); });
    }
    const std::vector<Ort::Value> outputs = execute(values);
    for (std::size_t i = 0; i < outputs.size(); ++i) visit(i, view_of(outputs[i].GetConst()));
  }

  std::vector<NodeTime> node_times() override {
    if (model_->profile_folder == nullptr) return {};
    Ort::AllocatorWithDefaultOptions allocator;
    const Ort::AllocatedStringPtr path = model_->session.EndProfilingAllocated(allocator);
    std::vector<NodeTime> times = read_profile(path.get());
    for (NodeTime& time : times) time.source = model_->source_names->find(time.name);
    model_->profile_folder.reset();
    return times;
  }

 private:
  // The tensors' own memory, seen as the runtime's values: nothing is copied.
  std::vector<Ort::Value> wrap(std::span<const Tensor> inputs) const {
    check_inputs(inputs, model_->inputs);
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
      return model_->session.Run(Ort::RunOptions{nullptr}, input_pointers_.data(), values.data(),
                                 values.size(), fetched_pointers_.data(), fetched_pointers_.size());
    } catch (const Ort::Exception& error) {
      rethrow_out_of_memory(error.what());
      throw Error(ErrorCode::kRuntime, fmt::format("ONNX Runtime: {}", error.what()));
    }
  }

  std::shared_ptr<LoadedModel> model_;
  std::vector<std::string> fetched_names_;
  std::vector<const char*> input_pointers_;
  std::vector<const char*> fetched_pointers_;
  Ort::MemoryInfo memory_ = Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault);
};

}  // namespace

std::unique_ptr<Session> make_onnxruntime_session(std::shared_ptr<LoadedModel> model) {
  return std::make_unique<OnnxruntimeSession>(std::move(model));
}

}  // namespace octavo
