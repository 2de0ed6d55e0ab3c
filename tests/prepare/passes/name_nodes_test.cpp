#include "prepare/passes/name_nodes.h"

#include <gtest/gtest.h>

#include "prepare/pass_testing.h"

namespace octavo {
namespace {

TEST(NameNodes, GivesEveryNodeANameOfItsOwn) {
  // ONNX Runtime refuses the first: it has two nodes of one name.
  testing::expect_text("name_nodes", R"(opset 13
input x: float32[2]
a = Relu(x)
b = Neg(a) "same"
c = Neg(b) "same"
d, _ = Dropout(c)
y = Abs(d) "Relu_a"
output y: float32[2]
)",
                       R"(opset 13
input x: float32[2]
a = Relu(x) "Relu_a_1"
b = Neg(a) "same"
c = Neg(b) "same_1"
d, _ = Dropout(c) "Dropout_d"
y = Abs(d) "Relu_a"
output y: float32[2]
)");
}

}  // namespace
}  // namespace octavo
