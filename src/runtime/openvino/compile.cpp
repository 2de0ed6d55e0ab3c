#include "runtime/openvino/compile.h"

#include <fmt/format.h>

#include <string>

#include "model/external_data.h"
#include "model/graph.h"
#include "octavo/error.h"
#include "onnx/onnx-ml.pb.h"
#include "runtime/openvino/translate_errors.h"

namespace octavo {
namespace {

// One for the process: it holds the plugin. Made when first asked for, as that takes a while.
ov::Core& core() {
  static ov::Core instance;
  return instance;
}

// The model with the wanted tensors as outputs. In ONNX, not through OpenVINO's add_output(): its
// frontend drops Identity and its like, and their tensors' names, unless they are outputs. Types
// stay open where none is declared: OpenVINO infers them.
void set_outputs(onnx::GraphProto& graph, const Graph& names,
                 const std::vector<std::string>& outputs) {
  google::protobuf::RepeatedPtrField<onnx::ValueInfoProto> wanted;
  for (const std::string& name : outputs) {
    const onnx::ValueInfoProto* declared = names.value_info(name);
    if (declared == nullptr && names.producer(name) == nullptr) {
      throw Error(ErrorCode::kNotFound, fmt::format("no tensor is named '{}'", name));
    }
    onnx::ValueInfoProto& output = *wanted.Add();
    if (declared != nullptr) output = *declared;
    output.set_name(name);
  }
  graph.mutable_output()->Swap(&wanted);
}

std::string serialized(const Model& model, const std::vector<std::string>& outputs) {
  std::string bytes;
  bool written = false;
  if (has_outside_data(model.proto().graph())) {
    // Nothing to write: what makes the message is elsewhere.
  } else if (outputs.empty()) {
    written = model.proto().SerializeToString(&bytes);
  } else {
    onnx::ModelProto copy = model.proto();
    set_outputs(*copy.mutable_graph(), Graph(model.proto().graph()), outputs);
    written = copy.SerializeToString(&bytes);
  }
  if (!written) {
    throw Error(ErrorCode::kUnsupported,
                "the model is over protobuf's limit of 2 GB, and OpenVINO takes no weights beside "
                "it: run it in onnxruntime, and quantize with --coverage widest");
  }
  return bytes;
}

}  // namespace

std::shared_ptr<ov::Model> read_openvino_model(const Model& model,
                                               const std::vector<std::string>& outputs) {
  const std::string bytes = serialized(model, outputs);
  return translate_errors(ErrorCode::kInvalidModel, "OpenVINO refuses the model",
                          [&] { return core().read_model(bytes, ov::Tensor()); });
}

ov::CompiledModel compile_openvino_model(const std::shared_ptr<const ov::Model>& model,
                                         const SessionOptions& options, int requests) {
  return core().compile_model(
      model, "CPU", ov::hint::performance_mode(ov::hint::PerformanceMode::LATENCY),
      ov::num_streams(requests), ov::inference_num_threads(options.threads * requests),
      // On a CPU with bfloat16 or float16 units the plugin would compute float models in those, and
      // quantize the activations of layers with compressed weights. What is measured here is the
      // model as written, the same on every machine.
      ov::hint::inference_precision(ov::element::f32), ov::hint::dynamic_quantization_group_size(0),
      // Sessions run side by side; pinned, they would all sit on the first cores.
      ov::hint::enable_cpu_pinning(false),
      ov::enable_profiling(options.profiling == Profiling::kOn));
}

}  // namespace octavo
