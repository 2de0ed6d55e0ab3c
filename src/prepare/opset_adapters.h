// How nodes of one ONNX operator set version are written in the next.
#pragma once

#include <string>
#include <vector>

#include "model/graph.h"
#include "model/name_pool.h"
#include "onnx/onnx-ml.pb.h"
#include "prepare/known_types.h"

namespace octavo {

struct AdapterContext {
  const Graph& graph;
  const KnownTypes& types;
  NamePool& names;
};

// `node`, valid in operator set `version - 1`, as nodes of `version`: the last-made outputs keep
// their names, new constants are Constant nodes. Empty if the node is valid there as it is.
// Throws Error(kUnsupported), naming the node, where it has no equivalent.
// Source: the operators' changelog (onnx/docs/Changelog.md).
std::vector<onnx::NodeProto> adapt(const AdapterContext& context, const onnx::NodeProto& node,
                                   int version);

}  // namespace octavo
