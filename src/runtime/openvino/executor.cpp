#include "runtime/openvino/executor.h"

#include <fmt/format.h>

#include <openvino/openvino.hpp>
#include <utility>

#include "octavo/error.h"
#include "octavo/model.h"
#include "onnx/onnx-ml.pb.h"
#include "runtime/openvino/compile.h"
#include "runtime/openvino/executed_graph.h"
#include "runtime/openvino/session.h"
#include "runtime/openvino/translate_errors.h"

namespace octavo {
namespace {

std::vector<std::string> wanted_outputs(const Model& model, const SessionOptions& options) {
  if (!options.outputs.empty()) return options.outputs;
  std::vector<std::string> names;
  for (const TensorInfo& output : model.outputs()) names.push_back(output.name);
  return names;
}

class OpenvinoExecutor final : public Executor {
 public:
  std::string_view name() const override { return "openvino"; }

  std::string version() const override {
    // "2026.4.1-22982-2a5d4eb4e5c-releases/2026/4": the release comes first.
    const std::string build = ov::get_openvino_version().buildNumber;
    return build.substr(0, build.find('-'));
  }

  std::unique_ptr<Session> load(const Model& model, const SessionOptions& options) const override {
    return std::move(load_shared(model, options, 1).front());
  }

  std::vector<std::unique_ptr<Session>> load_shared(const Model& model,
                                                    const SessionOptions& options,
                                                    std::size_t count) const override {
    if (options.optimization == Optimization::kNone) {
      throw Error(ErrorCode::kUnsupported, "OpenVINO cannot run a model without optimizing it");
    }
    const OpenvinoModelNames names{model.inputs(), wanted_outputs(model, options),
                                   SourceNames(model.proto().graph())};
    return make_openvino_sessions(read_openvino_model(model, options.outputs), names, options,
                                  count);
  }

  std::vector<ExecutedNode> executed_graph(const Model& model) const override {
    const auto read = read_openvino_model(model, {});
    return translate_errors(ErrorCode::kInvalidModel, "OpenVINO refuses the model", [&] {
      return openvino_executed_graph(compile_openvino_model(read, {}));
    });
  }
};

}  // namespace

std::unique_ptr<Executor> make_openvino_executor() { return std::make_unique<OpenvinoExecutor>(); }

}  // namespace octavo
