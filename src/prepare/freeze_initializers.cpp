//   before                               after
//   input x, input w; initializer w      input x; initializer w
//
// Before IR version 4 every initializer had to be a graph input too, and exporters kept the habit:
// a default that callers might override. A quantized weight cannot be overridden, so the
// declaration goes and the initializer becomes a constant. Refuses nothing.
#include <unordered_set>

#include "onnx/onnx-ml.pb.h"
#include "prepare/pass.h"

namespace octavo {

const Pass& freeze_initializers_pass() {
  static const Pass kPass = {"freeze_initializers",
                             "makes initializers constants that are declared as inputs too",
                             [](onnx::ModelProto& model, PassContext&) -> std::size_t {
                               std::unordered_set<std::string> names;
                               for (const auto& tensor : model.graph().initializer())
                                 names.insert(tensor.name());
                               auto& inputs = *model.mutable_graph()->mutable_input();
                               int kept = 0;
                               for (int i = 0; i < inputs.size(); ++i) {
                                 if (names.contains(inputs[i].name())) continue;
                                 if (i != kept) inputs.SwapElements(i, kept);
                                 ++kept;
                               }
                               const int removed = inputs.size() - kept;
                               inputs.DeleteSubrange(kept, removed);
                               // Initializers that are no inputs exist from IR version 4 on.
                               if (removed > 0 && model.ir_version() < 4) model.set_ir_version(4);
                               return static_cast<std::size_t>(removed);
                             }};
  return kPass;
}

}  // namespace octavo
