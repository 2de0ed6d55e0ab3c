//   before                       after
//   Conv "", Conv "a", Relu "a"  Conv "Conv_0", Conv "a", Relu "a_1"
//
// Every node gets a name of its own: what exclusions, reports and plans call it by. Names that are
// there and unique stay. Refuses nothing.
#include <unordered_set>

#include "onnx/onnx-ml.pb.h"
#include "prepare/pass.h"

namespace octavo {

const Pass& name_nodes_pass() {
  static const Pass kPass = {
      "name_nodes", "gives unnamed and equally named nodes names of their own",
      [](onnx::ModelProto& model, PassContext&) -> std::size_t {
        std::unordered_set<std::string> taken;
        for (const auto& node : model.graph().node()) taken.insert(node.name());
        std::unordered_set<std::string> seen;
        std::size_t changes = 0;
        for (int i = 0; i < model.graph().node_size(); ++i) {
          onnx::NodeProto& node = *model.mutable_graph()->mutable_node(i);
          if (!node.name().empty() && seen.insert(node.name()).second) continue;
          const std::string base =
              node.name().empty() ? node.op_type() + "_" + std::to_string(i) : node.name();
          std::string name = base;
          for (int n = 1; !taken.insert(name).second; ++n) name = base + "_" + std::to_string(n);
          seen.insert(name);
          node.set_name(name);
          ++changes;
        }
        return changes;
      }};
  return kPass;
}

}  // namespace octavo
