#include "search/comparison/compare.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "octavo/comparison.h"
#include "octavo/executor.h"
#include "onnx/onnx-ml.pb.h"
#include "pipeline/decide.h"
#include "prepare/prepare.h"
#include "rewrite/float_io.h"

namespace octavo {
namespace {

// What every quantizer does before it starts, without changing what a tensor's name means.
constexpr std::array<std::string_view, 3> kUsualPasses = {"constants_to_initializers",
                                                          "fold_batchnorm", "name_nodes"};

bool has_batchnorm(const Model& model) {
  const auto& nodes = model.proto().graph().node();
  return std::any_of(nodes.begin(), nodes.end(), [](const onnx::NodeProto& node) {
    return node.op_type() == "BatchNormalization";
  });
}

// Octavo quantizes a prepared model: some tensors of the model as it came are gone, some hold
// scaled values. Others fold BatchNormalization at most.
PrepareOptions options_for(const Model& quantized, const Executor& executor) {
  PrepareOptions options;
  options.evaluate = make_constant_evaluator(executor);
  if (quantized.proto().producer_name() == "octavo") {
    options.opset = quantized.opset();
    return options;
  }
  for (const PassInfo& pass : preparation_passes()) {
    const bool usual =
        std::find(kUsualPasses.begin(), kUsualPasses.end(), pass.name) != kUsualPasses.end();
    const bool kept = pass.name == "fold_batchnorm" && has_batchnorm(quantized);
    if (!usual || kept) options.disabled.emplace_back(pass.name);
  }
  return options;
}

}  // namespace

ComparisonReport compare_models(const Model& float_model, const Model& quantized,
                                const Dataset& data, const ComparisonOptions& options) {
  const auto executor = make_executor("onnxruntime");
  const PreparedModel prepared = prepare(float_model, options_for(quantized, *executor));
  return measure_comparison(prepared.model, with_float_io(quantized), data, *executor, options);
}

}  // namespace octavo
