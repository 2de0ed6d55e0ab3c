#include "rewrite/additions_apart.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "model/print.h"
#include "support/graph_text.h"

namespace octavo {
namespace {

const std::vector<std::string> kReaders = {"LayerNormalization"};

std::string apart(std::string_view text) {
  return print_graph(with_additions_apart(testing::parse_graph(text), kReaders));
}

TEST(AdditionsApart, AnAdditionBeforeANormalizationBecomesASum) {
  const std::string after = apart(R"(opset 17
input x: float32[N,4]
input r: float32[N,4]
const g: float32[4] = fill(1)
a = Add(x, r) "before"
n = LayerNormalization(a, g) "norm"
y = Add(a, n) "behind"
output y: float32[N,4]
)");
  EXPECT_EQ(after, R"(opset 17
input x: float32[N,4]
input r: float32[N,4]
const g: float32[4] = 1 1 1 1
a = Sum(x, r) "before"
n = LayerNormalization(a, g) "norm"
y = Add(a, n) "behind"
output y: float32[N,4]
)");
  EXPECT_EQ(apart(after), after);
}

TEST(AdditionsApart, OtherAdditionsStay) {
  for (const char* text : {
           // Read by something else.
           "opset 17\ninput x: float32[N,4]\na = Add(x, x)\ny = Softmax(a)\noutput y\n",
           // Another operand of the normalization.
           "opset 17\ninput x: float32[N,4]\ninput r: float32[4]\na = Add(r, r)\n"
           "y = LayerNormalization(x, a)\noutput y\n",
           // Another operation.
           "opset 17\ninput x: float32[N,4]\nconst g: float32[4] = fill(1)\na = Sub(x, x)\n"
           "y = LayerNormalization(a, g)\noutput y\n",
       }) {
    EXPECT_EQ(apart(text), print_graph(testing::parse_graph(text)));
  }
}

}  // namespace
}  // namespace octavo
