// What a BatchNormalization in inference does: one scale and one shift a channel.
#pragma once

#include <string>
#include <variant>

#include "model/graph.h"
#include "onnx/onnx-ml.pb.h"
#include "prepare/linear_node.h"

namespace octavo {

bool is_batchnorm(const onnx::NodeProto& node);

// scale = gamma / sqrt(variance + epsilon), shift = beta - mean * scale, in double. Or the reason
// why it is not that: training mode, parameters that are no constants or of unequal sizes.
std::variant<ChannelAffine, std::string> batchnorm_affine(const Graph& graph,
                                                          const onnx::NodeProto& node);

}  // namespace octavo
