#include "prepare/passes/freeze_initializers.h"

#include <gtest/gtest.h>

#include "onnx/onnx-ml.pb.h"
#include "prepare/pass_testing.h"
#include "support/graph_text.h"

namespace octavo {
namespace {

using testing::parse_graph;

TEST(FreezeInitializers, RemovesTheInput) {
  testing::expect_text("freeze_initializers", R"(opset 13
input x: float32[2]
input w: float32[2]
const w: float32[2] = 1 2
y = Mul(x, w)
output y: float32[2]
)",
                       R"(opset 13
input x: float32[2]
const w: float32[2] = 1 2
y = Mul(x, w)
output y: float32[2]
)");
}

TEST(FreezeInitializers, RaisesTheIrVersionThatAllowsIt) {
  onnx::ModelProto proto =
      parse_graph(
          "opset 13\ninput w: float32[2]\nconst w: float32[2] = 1 2\ny = Relu(w)\noutput y\n")
          .proto();
  proto.set_ir_version(3);
  const auto frozen = testing::run_only(Model(std::move(proto)), "freeze_initializers");
  EXPECT_EQ(frozen.model.proto().ir_version(), 4);
}

}  // namespace
}  // namespace octavo
