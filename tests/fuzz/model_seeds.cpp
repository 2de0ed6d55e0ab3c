#include "fuzz/model_seeds.h"

#include <array>
#include <string_view>

#include "onnx/onnx-ml.pb.h"
#include "support/graph_text.h"

namespace octavo::fuzz {
namespace {

constexpr std::array<std::string_view, 10> kTexts = {
    R"(opset 13
input x: float32[N,3,6,6]
const w: float32[4,3,3,3] = random(1)
const b: float32[4] = random(2)
c = Conv(x, w, b) {pads=[1,1,1,1]} "conv"
r = Relu(c) "relu"
p = MaxPool(r) {kernel_shape=[2,2], strides=[2,2]} "pool"
output p: float32[N,4,3,3]
)",
    R"(opset 11
input x: float32[N,2,4,4]
const w: float32[2,2,1,1] = random(1)
const s: float32[2] = random(2, 0.5, 1.5)
const o: float32[2] = random(3)
const m: float32[2] = random(4)
const v: float32[2] = random(5, 0.5, 2)
c = Conv(x, w) "conv"
n = BatchNormalization(c, s, o, m, v) "norm"
a = Add(n, x) "sum"
y = Relu(a) "relu"
output y: float32[N,2,4,4]
)",
    R"(opset 13
input x: float32[N,8]
const w: float32[8,4] = random(1)
const b: float32[4] = random(2)
const u: float32[4,4] = random(3)
m = MatMul(x, w) "matmul"
a = Add(m, b) "bias"
s = Sigmoid(a) "gate"
g = Gemm(s, u, b) {transB=1} "gemm"
y = Softmax(g) {axis=-1} "softmax"
output y: float32[N,4]
)",
    R"(opset 11
input x: float32[N,4,6,6]
const pads: int64[8] = 0 0 1 1 0 0 1 1
const w: float32[4,1,3,3] = random(1)
const k: float32[4,1,1] = random(2, 0.5, 1)
const zero: float32[] = 0
const six: float32[] = 6
d = Pad(x, pads) "pad"
c = Conv(d, w) {group=4} "depthwise"
l = Clip(c, zero, six) "clip"
q = Div(l, six) "divide"
z = Mul(q, k) "scale"
output z: float32[N,4,6,6]
)",
    R"(opset 13
input a: float32[1,2,3,3]
input b: float32[1,2,3,3]
const w: float32[4,4,1,1] = random(1)
const shape: int64[2] = 1 36
t = Concat(a, b) {axis=1} "concat"
c = Conv(t, w) "conv"
r = Reshape(c, shape) "reshape"
y = Identity(r) "identity"
output y: float32[1,36]
output t: float32[1,4,3,3]
)",
    R"(opset 13
input ids: int64[N,4]
const table: float32[16,8] = random(1)
const w: float32[8,8] = random(2)
e = Gather(table, ids) "embed"
q = MatMul(e, w) "query"
t = Transpose(q) {perm=[0,2,1]} "transpose"
s = MatMul(q, t) "scores"
p = Softmax(s) {axis=-1} "softmax"
o = MatMul(p, q) "mix"
output o: float32[N,4,8]
)",
    R"(opset 10
input x: float32[1,2,4,4]
const w: float32[2,2,3,3] = random(1)
const starts: int64[2] = 0 0
const ends: int64[2] = 2 2
const axes: int64[2] = 2 3
c = ConvTranspose(x, w) "up"
l = Slice(c, starts, ends, axes) "slice"
d = Dropout(l) "dropout"
h = HardSigmoid(d) "hard"
y = Mul(d, h) "swish"
output y: float32[1,2,2,2]
)",
    R"(opset 7
input x: float32[1,3,4,4]
const w: float32[3,3,1,1] = random(1)
u = Upsample(x) {mode="nearest", scales=[1.0,1.0,2.0,2.0]} "upsample"
c = Conv(u, w) "conv"
f = Flatten(c) {axis=1} "flatten"
y = Softmax(f) {axis=1} "softmax"
output y: float32[1,192]
)",
    R"(opset 13
input x: float32[1,4]
const w: float32[4,4] = random(1)
const two: float32[] = 2
const axes: int64[1] = 0
k = Neg(w) "negated"
m = MatMul(x, k) "first"
n = MatMul(m, k) "second"
o = Mul(n, two) "double"
s = Squeeze(o, axes) "squeeze"
u = Unsqueeze(s, axes) "unsqueeze"
output u: float32[1,4]
)",
    R"(opset 21
input x: float32[N,64]
const w: float32[64,32] = random(1)
const b: float32[32] = random(2)
g = Gemm(x, w, b) "gemm"
r = LeakyRelu(g) {alpha=0.1} "leaky"
l = LayerNormalization(r, b, b) {axis=-1} "norm"
output l: float32[N,32]
)"};

}  // namespace

std::vector<std::string> model_seeds() {
  std::vector<std::string> seeds;
  for (const std::string_view text : kTexts) {
    seeds.push_back(testing::parse_graph(text).proto().SerializeAsString());
  }
  return seeds;
}

}  // namespace octavo::fuzz
