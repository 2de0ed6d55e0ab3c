// A target's profile; one that is read must place a small network.
#include "fuzz/target.h"
#include "model/graph.h"
#include "octavo/error.h"
#include "octavo/recipe.h"
#include "onnx/onnx-ml.pb.h"
#include "placement/placement.h"
#include "placement/profile.h"
#include "plan/apply_recipe.h"
#include "support/graph_text.h"

namespace octavo::fuzz {
namespace {

void read(std::string_view bytes) {
  static const Model kModel = testing::parse_graph(R"(opset 13
input x: float32[1,2,4,4]
const w: float32[2,2,1,1] = random(1)
c = Conv(x, w) "conv"
a = Add(c, x) "add"
p = MaxPool(a) {kernel_shape=[2,2]} "pool"
t = Concat(p, p) {axis=1} "concat"
output t: float32[1,4,3,3]
)");
  try {
    const Profile profile = apply_recipe(parse_profile(std::string(bytes), "fuzz.json"), Recipe());
    place(Graph(kModel.proto().graph()), profile, {});
  } catch (const Error&) {
  }
}

std::vector<std::string> seeds() {
  std::vector<std::string> all;
  for (const ShippedProfile& shipped : shipped_profiles()) all.emplace_back(shipped.text);
  return all;
}

}  // namespace

const Target& profile_target() {
  static const Target kTarget = {"profile", read, seeds};
  return kTarget;
}

}  // namespace octavo::fuzz
