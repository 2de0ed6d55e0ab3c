#include "prepare/known_types.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "onnx/onnx-ml.pb.h"
#include "support/graph_text.h"

namespace octavo {
namespace {

// "float32[2, ?]" of tensor y after `nodes`; "?" for what is not known.
std::string known_of_y(std::string_view nodes) {
  const Model model = testing::parse_graph(fmt::format(R"(opset 13
input x: float32[N,4,6,6]
input m: float16[3,4]
input one: float16[1,4]
input free: float32
input target: int64[3]
const w: float32[8,4,3,3] = fill(1)
const t: float32[4,2] = fill(1)
const s: int64[2] = 0 -1
const zero: int64[1] = 0
const one_int: int32[1] = 1
const minus: int64[1] = -1
const ends: int64[1] = 2
const ends2: int64[2] = 9 9
const index: int64[] = 0
{}
output y
)",
                                                       nodes));
  const Graph graph(model.proto().graph());
  const KnownTypes types(graph);
  const auto dtype = types.dtype("y");
  const auto shape = types.shape("y");
  return fmt::format("{}{}", dtype ? traits(*dtype).name : "?", shape ? to_string(*shape) : "?");
}

TEST(KnownTypes, FollowOperatorsThatKeepThem) {
  EXPECT_EQ(known_of_y("y = Relu(x)"), "float32[?, 4, 6, 6]");
  EXPECT_EQ(known_of_y("a = Relu(m)\ny = Clip(a)"), "float16[3, 4]");
  EXPECT_EQ(known_of_y("y = Cast(m) {to=7}"), "int64[3, 4]");
  EXPECT_EQ(known_of_y("y = Conv(free, w)"), "float32[?, 8, ?, ?]");
  EXPECT_EQ(known_of_y("y = MaxPool(x)"), "float32[?, 4, ?, ?]");
  EXPECT_EQ(known_of_y("y = GlobalAveragePool(x)"), "float32[?, 4, 1, 1]");
  EXPECT_EQ(known_of_y("y = Flatten(x)"), "float32[?, ?]");
  EXPECT_EQ(known_of_y("y = Reshape(x, s)"), "float32[?, ?]");
  EXPECT_EQ(known_of_y("y = Reshape(x, target)"), "float32[?, ?, ?]");
  EXPECT_EQ(known_of_y("y = MatMul(x, t)"), "float32[?, 4, 6, 2]");
  EXPECT_EQ(known_of_y("a, y = Split(m)"), "float16[?, ?]");
}

TEST(KnownTypes, BroadcastAsNumpyDoes) {
  EXPECT_EQ(known_of_y("y = Add(one, m)"), "float16[3, 4]");
  EXPECT_EQ(known_of_y("f = Flatten(x)\ny = Mul(f, t)"), "float32[4, 2]");
  EXPECT_EQ(known_of_y("f = Flatten(x)\ny = Mul(one, f)"), "float16[?, 4]");
  EXPECT_EQ(known_of_y("y = Add(free, m)"), "float32?");
}

TEST(KnownTypes, FollowMovedElements) {
  EXPECT_EQ(known_of_y("y = Transpose(m)"), "float16[4, 3]");
  EXPECT_EQ(known_of_y("y = Transpose(x) {perm=[0,2,3,1]}"), "float32[?, 6, 6, 4]");
  EXPECT_EQ(known_of_y("y = Gather(w, s) {axis=1}"), "float32[8, 2, 3, 3]");
  EXPECT_EQ(known_of_y("y = Concat(m, one) {axis=0}"), "float16[4, 4]");
  EXPECT_EQ(known_of_y("y = Concat(x, x) {axis=0}"), "float32[?, 4, 6, 6]");
  EXPECT_EQ(known_of_y("y = Squeeze(one, zero)"), "float16[4]");
  EXPECT_EQ(known_of_y("y = Squeeze(one)"), "float16?");
  EXPECT_EQ(known_of_y("y = Unsqueeze(m, s)"), "float16[1, 3, 4, 1]");
  EXPECT_EQ(known_of_y("y = Slice(m, zero, ends, zero)"), "float16[2, 4]");
  EXPECT_EQ(known_of_y("y = Slice(m, s, ends2)"), "float16[3, 1]");
  EXPECT_EQ(known_of_y("y = Slice(m, zero, ends, zero, ends)"), "float16[?, ?]");
  EXPECT_EQ(known_of_y("y = Slice(m, target, target)"), "float16[?, ?]");
}

TEST(KnownTypes, FollowTheShapesThatExportersCompute) {
  EXPECT_EQ(known_of_y("y = Shape(x)"), "int64[4]");
  EXPECT_EQ(known_of_y("a = Shape(x)\nb = Gather(a, index)\nc = Unsqueeze(b, zero)\n"
                       "d = Concat(c, minus) {axis=0}\ny = Reshape(x, d)"),
            "float32[?, ?]");
  EXPECT_EQ(known_of_y("a = Shape(x)\nb = Slice(a, zero, one_int, zero, one_int)\n"
                       "d = Concat(b, minus, minus) {axis=-1}\ny = Reshape(x, d)"),
            "float32[?, ?, ?]");
}

TEST(KnownTypes, DoNotGuess) {
  EXPECT_EQ(known_of_y("y = Shape(x) {start=1}"), "int64?");
  EXPECT_EQ(known_of_y("y = Transpose(x) {perm=[0,9,1,2]}"), "float32[?, ?, ?, ?]");

  EXPECT_EQ(known_of_y("y = custom.Relu(x)"), "??");
  EXPECT_EQ(known_of_y("y = Relu(free)"), "float32?");
  EXPECT_EQ(known_of_y("y = MatMul(free, t)"), "float32?");
}

TEST(KnownTypes, BelieveDeclarations) {
  EXPECT_EQ(known_of_y("value y: int8[N,7]\ny = custom.Odd(x)"), "int8[?, 7]");
}

}  // namespace
}  // namespace octavo
