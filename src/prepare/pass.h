// One step of the preparation: a function that looks at a graph and says what should change.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/graph.h"
#include "octavo/model.h"
#include "prepare/graph_edits.h"
#include "prepare/prepare.h"

namespace octavo {

struct PassContext {
  const Model& model;
  const Graph& graph;  // over model's graph
  const PrepareOptions& options;
};

// What a pass decided. prepare() carries it out, checks the result, and asks the pass again
// until it finds nothing more: matches that overlap may wait for the next time.
struct PassPlan {
  GraphEdits edits;
  std::vector<PassNote> changes;  // one an edit that users care about; empty means: no edits
  std::vector<PassNote> refusals;

  void changed(const onnx::NodeProto& node, std::string text);
  void refused(const onnx::NodeProto& node, std::string text);
};

using PlanFunction = PassPlan (*)(const PassContext&);

struct Pass {
  PassInfo info;
  PlanFunction plan = nullptr;
};

// In the order of pass_list.inc.
const std::vector<Pass>& all_passes();

}  // namespace octavo
