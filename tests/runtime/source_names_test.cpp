#include "runtime/source_names.h"

#include <gtest/gtest.h>

#include "support/graph_text.h"

namespace octavo {
namespace {

TEST(SourceNames, UndoesWhatTheRuntimeDoesToNames) {
  const Model model = testing::parse_graph(R"(
    opset 13
    input x: float32[1,4]
    a = Relu(x) "first"
    b = Relu(a) "second_token_x"
    output b: float32[1,4]
  )");
  const SourceNames names(model.proto().graph());
  EXPECT_EQ(names.find("first"), "first");
  EXPECT_EQ(names.find("first_token_12"), "first");
  EXPECT_EQ(names.find("a_nchwc"), "first");
  EXPECT_EQ(names.find("fused first"), "first");
  EXPECT_EQ(names.find("first/MatMulAddFusion"), "first");
  EXPECT_EQ(names.find("second_token_x"), "second_token_x");
  EXPECT_EQ(names.find("ReorderOutput_token_5"), "");
  EXPECT_EQ(names.find(""), "");
}

}  // namespace
}  // namespace octavo
