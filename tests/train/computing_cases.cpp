// Operators that compute elements.
#include "train/operator_cases.h"

namespace octavo::testing {
namespace {

constexpr OperatorCase kCases[] = {
    {13,
     "input x: float32[2,3,7,6]\n const w: float32[4,3,3,3] = random(1)\n const b: float32[4] = "
     "random(2)\n"
     "y = Conv(x, w, b) {pads=[1,1,1,1], strides=[2,1]}"},
    {13,
     "input x: float32[2,4,7,6]\n const w: float32[4,2,3,2] = random(1)\n"
     "y = Conv(x, w) {group=2, pads=[0,1,2,0], dilations=[2,1]}"},
    {13,
     "input x: float32[2,3,7,6]\n const w: float32[4,3,3,3] = random(1)\n"
     "y = Conv(x, w) {auto_pad=\"SAME_UPPER\", strides=[2,2]}"},
    {13,
     "input x: float32[2,3,7,6]\n const w: float32[4,3,2,2] = random(1)\n"
     "y = Conv(x, w) {auto_pad=\"SAME_LOWER\"}"},
    {13,
     "input x: float32[2,3,9]\n const w: float32[4,3,3] = random(1)\n y = Conv(x, w) {pads=[1,1]}"},
    {13, "input x: float32[1,2,4,5,6]\n const w: float32[3,2,2,2,2] = random(1)\n y = Conv(x, w)"},
    {13,
     "input x: float32[2,3,5,4]\n const w: float32[3,2,3,3] = random(1)\n const b: float32[2] = "
     "random(2)\n"
     "y = ConvTranspose(x, w, b) {strides=[2,2], pads=[1,0,1,1], output_padding=[1,1]}"},
    {13,
     "input x: float32[2,4,5,4]\n const w: float32[4,2,3,2] = random(1)\n"
     "y = ConvTranspose(x, w) {group=2, strides=[2,1], output_shape=[10,5]}"},
    {13,
     "input x: float32[2,3,5]\n const w: float32[3,2,3] = random(1)\n"
     "y = ConvTranspose(x, w) {strides=[2], auto_pad=\"SAME_UPPER\"}"},
    {18,
     "input x: float32[2,12,4]\n const p: int64[2] = 3 4\n const b: int64[2] = 2 3\n"
     "y = Col2Im(x, p, b) {pads=[1,0,0,1], strides=[2,2]}"},
    {13,
     "input x: float32[3,5]\n const w: float32[4,5] = random(1)\n const b: float32[4] = random(2)\n"
     "y = Gemm(x, w, b) {transB=1, alpha=0.5, beta=2.0}"},
    {13,
     "input x: float32[5,3]\n const w: float32[5,4] = random(1)\n y = Gemm(x, w) {transA=1, "
     "alpha=0.5}"},
    {13, "input x: float32[2,3,5]\n const w: float32[5,4] = random(1)\n y = MatMul(x, w)"},
    {13,
     "input x: float32[2,3,5]\n const w: float32[5,3,4] = random(1)\n y = Einsum(x, w) "
     "{equation=\"bij, jik -> bk\"}"},
    {13,
     "input x: float32[2,3,7,6]\n y = MaxPool(x) {kernel_shape=[3,2], strides=[2,2], "
     "pads=[1,0,1,1]}"},
    {13,
     "input x: float32[2,3,7,6]\n y = MaxPool(x) {kernel_shape=[3,3], strides=[2,2], ceil_mode=1}"},
    {13, "input x: float32[2,3,8]\n y = MaxPool(x) {kernel_shape=[2], dilations=[2]}"},
    {13, "input x: float32[1,2,4,5,6]\n y = MaxPool(x) {kernel_shape=[2,2,2], strides=[2,2,2]}"},
    {13,
     "input x: float32[2,3,7,6]\n y = AveragePool(x) {kernel_shape=[3,2], strides=[2,2], "
     "pads=[1,0,1,1]}"},
    {13,
     "input x: float32[2,3,7,6]\n"
     "y = AveragePool(x) {kernel_shape=[3,3], strides=[2,2], pads=[1,1,1,1], count_include_pad=1}"},
    {13,
     "input x: float32[2,3,8]\n y = AveragePool(x) {kernel_shape=[3], strides=[2], ceil_mode=1}"},
    {13, "input x: float32[1,2,4,5,6]\n y = AveragePool(x) {kernel_shape=[2,2,2]}"},
    {19,
     "input x: float32[2,3,7,6]\n y = AveragePool(x) {kernel_shape=[2,3], dilations=[2,1], "
     "pads=[1,0,1,1]}"},
    {13,
     "input x: float32[2,3,7,6]\n y = LpPool(x) {kernel_shape=[3,2], strides=[2,1], "
     "pads=[1,0,1,1]}"},
    {13, "input x: float32[2,3,8]\n r = Relu(x)\n y = LpPool(r) {kernel_shape=[2], p=3}"},
    {13, "input x: float32[2,3,7,6]\n y = GlobalLpPool(x)"},
    {23,
     "input q: float32[2,4,3,5]\n input k: float32[2,2,6,5]\n input v: float32[2,2,6,4]\n"
     "y = Attention(q, k, v) {is_causal=1, scale=0.3}"},
    {23,
     "input q: float32[2,3,8]\n input k: float32[2,6,8]\n input v: float32[2,6,8]\n"
     "input m: float32[3,6]\n y = Attention(q, k, v, m) {q_num_heads=2, kv_num_heads=2, "
     "softcap=2.0}"},
    {23,
     "input x: float32[2,3,4,6]\n const c: float32[9,2] = random(1)\n const s: float32[9,2] = "
     "random(2)\n const p: int64[2,4] = 0 1 2 3 5 6 7 8\n y = RotaryEmbedding(x, c, s, p) "
     "{rotary_embedding_dim=4}"},
    {23,
     "input x: float32[2,4,12]\n const c: float32[9,3] = random(1)\n const s: float32[9,3] = "
     "random(2)\n const p: int64[2,4] = 0 1 2 3 5 6 7 8\n y = RotaryEmbedding(x, c, s, p) "
     "{num_heads=2, interleaved=1}"},
    {20,
     "input x: float32[2,6,3,1]\n const n: int64[] = 5\n const a: int64[] = 1\n y = DFT(x, n, a) "
     "{onesided=1}"},
    {17, "input x: float32[2,6,3,2]\n y = DFT(x) {axis=2, inverse=1}"},
    {17,
     "input x: float32[2,12,1]\n const t: int64[] = 3\n const w: float32[4] = random(1)\n y = "
     "STFT(x, t, w)"},
    {13, "input x: float32[2,3,7,6]\n y = GlobalAveragePool(x)"},
    {13, "input x: float32[2,3,7,6]\n y = GlobalMaxPool(x)"},
    {13,
     "input x: float32[2,3,5]\n const s: float32[3] = random(1)\n const o: float32[3] = random(2)\n"
     "const m: float32[3] = random(3)\n const v: float32[3] = random(4, 0.5, 1.5)\n"
     "y = BatchNormalization(x, s, o, m, v) {epsilon=0.01}"},
    {17,
     "input x: float32[2,3,5]\n const s: float32[3,5] = random(1)\n const o: float32[3,5] = "
     "random(2)\n"
     "y = LayerNormalization(x, s, o) {axis=1}"},
    {13,
     "input x: float32[2,3,5,4]\n const s: float32[3] = random(1)\n const o: float32[3] = "
     "random(2)\n"
     "y = InstanceNormalization(x, s, o)"},
    {18,
     "input x: float32[2,4,5]\n const s: float32[2] = random(1)\n const o: float32[2] = random(2)\n"
     "y = GroupNormalization(x, s, o) {num_groups=2}"},
    {23,
     "input x: float32[2,3,5]\n const s: float32[3,5] = random(1)\n y = RMSNormalization(x, s) "
     "{axis=1, epsilon=0.01}"},
    {13, "input x: float32[2,6,3,2]\n y = LRN(x) {size=5, alpha=0.5, beta=0.6, bias=1.5}"},
    {13, "input x: float32[2,3,5]\n y = LpNormalization(x) {axis=1}"},
    {13, "input x: float32[2,5]\n z = Sub(x, x)\n n = LpNormalization(z)\n y = Add(n, x)"},
    {13, "input x: float32[2,5]\n z = Sub(x, x)\n n = ReduceL2(z)\n y = Add(n, x)"},
    {13, "input x: float32[2,3,5]\n r = Relu(x)\n y = LpNormalization(r) {p=1}"},
    {13, "input x: float32[2,3,5,4]\n y = MeanVarianceNormalization(x)"},
    {17,
     "input x: float32[2,3,5]\n const s: float32[5] = random(1)\n z, m, d = "
     "LayerNormalization(x, s)\n p = Mul(m, d)\n y = Add(z, p)"},
    {21,
     "input x: float32[2,4,5]\n const s: float32[4] = random(1)\n const o: float32[4] = random(2)\n"
     "y = GroupNormalization(x, s, o) {num_groups=2}"},
    {13, "input x: float32[2,5]\n y = Relu(x)"},
    {13, "input x: float32[2,5]\n y = LeakyRelu(x) {alpha=0.3}"},
    {13, "input x: float32[2,3,4]\n const s: float32[3,1] = random(1)\n y = PRelu(x, s)"},
    {13, "input x: float32[2,5]\n y = Sigmoid(x)"},
    {13, "input x: float32[2,5]\n y = Tanh(x)"},
    {13, "input x: float32[2,5]\n y = HardSigmoid(x) {alpha=0.3, beta=0.4}"},
    {14, "input x: float32[2,5]\n y = HardSwish(x)"},
    {20, "input x: float32[2,5]\n y = Gelu(x)"},
    {20, "input x: float32[2,5]\n y = Gelu(x) {approximate=\"tanh\"}"},
    {13, "input x: float32[2,5]\n y = Elu(x) {alpha=0.7}"},
    {13, "input x: float32[2,5]\n y = Selu(x)"},
    {13, "input x: float32[2,5]\n y = Softplus(x)"},
    {13, "input x: float32[2,5]\n y = Softsign(x)"},
    {18, "input x: float32[2,5]\n y = Mish(x)"},
    {13, "input x: float32[2,5]\n y = Celu(x) {alpha=0.7}"},
    {13, "input x: float32[2,5]\n y = ThresholdedRelu(x) {alpha=0.7}"},
    {13, "input x: float32[2,5]\n y = Shrink(x) {lambd=0.8, bias=0.3}"},
    {13, "input x: float32[2,3,5]\n y = Hardmax(x) {axis=1}"},
    {11, "input x: float32[2,3,5]\n y = Hardmax(x)"},
    {24, "input x: float32[2,5]\n y = Swish(x) {alpha=0.7}"},
    {13, "input x: float32[2,3,5]\n y = Softmax(x) {axis=1}"},
    {11, "input x: float32[2,3,5]\n y = Softmax(x)"},
    {13, "input x: float32[2,3,5]\n y = LogSoftmax(x)"},
    {13,
     "input x: float32[2,5]\n const low: float32[] = -0.5\n const high: float32[] = 1\n y = "
     "Clip(x, low, high)"},
    {13, "input x: float32[2,5]\n const high: float32[] = 1\n y = Clip(x, _, high)"},
    {9, "input x: float32[2,5]\n y = Clip(x) {min=0.0, max=1.0}"},
    {13, "input x: float32[2,5]\n input high: float32[]\n y = Clip(x, _, high)"},
    {13,
     "input x: float32[2,5]\n input z: float32[5]\n a = Add(x, z)\n s = Sub(a, x)\n y = Mul(s, x)"},
    {13, "input x: float32[2,5]\n e = Exp(x)\n y = Div(x, e)"},
    {13, "input x: float32[2,5]\n const two: float32[] = 2\n y = Pow(x, two)"},
    {13, "input x: float32[2,5]\n a = Abs(x)\n const p: float32[] = 1.5\n y = Pow(a, p)"},
    {13,
     "input x: float32[2,5]\n a = Abs(x)\n s = Sqrt(a)\n e = Exp(s)\n l = Log(e)\n n = Neg(l)\n y "
     "= Reciprocal(n)"},
    {13, "input x: float32[2,5]\n y = Erf(x)"},
    {13,
     "input x: float32[2,5]\n f = Floor(x)\n c = Ceil(x)\n r = Round(x)\n s = Sign(x)\n y = Sum(f, "
     "c, r, s)"},
    {13, "input x: float32[2,5]\n s = Sin(x)\n c = Cos(x)\n y = Add(s, c)"},
    {13,
     "input x: float32[2,5]\n const half: float32[] = 0.4\n h = Mul(x, half)\n a = Asin(h)\n b = "
     "Acos(h)\n c = Atan(x)\n d = Sub(a, b)\n y = Mul(c, d)"},
    {13,
     "input x: float32[2,5]\n const half: float32[] = 0.4\n h = Mul(x, half)\n a = Tan(h)\n b = "
     "Sinh(x)\n c = Cosh(x)\n d = Atanh(h)\n e = Asinh(x)\n f = Acosh(c)\n y = Sum(a, b, c, d, e, "
     "f)"},
    {13, "input x: float32[2,5]\n input z: float32[2,5]\n y = Max(x, z)"},
    {13, "input x: float32[2,5]\n input z: float32[2,5]\n y = Min(x, z)"},
    {13, "input x: float32[2,5]\n input z: float32[2,5]\n y = Mean(x, z)"},
    {13, "input x: float32[2,5]\n input z: float32[2,5]\n y = Mod(x, z) {fmod=1}"},
    {13, "input x: float32[2,5]\n d = Dropout(x)\n y = Identity(d)"},
    {13,
     "input x: float32[2,5]\n input z: float32[2,5]\n g = Greater(x, z)\n n = Not(g)\n y = "
     "Where(n, x, z)"},
    {16,
     "input x: float32[2,5]\n input z: float32[2,5]\n a = GreaterOrEqual(x, z)\n b = "
     "LessOrEqual(x, z)\n"
     "c = Less(x, z)\n d = Equal(x, z)\n e = And(a, b)\n f = Or(c, d)\n g = Or(e, f)\n y = Cast(g) "
     "{to=1}"},
    {13, "input x: float32[2,5]\n i = Cast(x) {to=3}\n y = Cast(i) {to=1}"},
    {15,
     "input x: float32[2,5]\n const like: int32[] = 0\n i = CastLike(x, like)\n y = Cast(i) "
     "{to=1}"},
    {13, "input x: float32[2,5]\n i = Cast(x) {to=7}\n y = Cast(i) {to=1}"},
    {13,
     "input x: float32[2]\n const two: int64[1] = 2\n s = Shape(x)\n e = Equal(s, two)\n n = "
     "Neg(x)\n y = Where(e, n, x)"},
    {13,
     "input x: float32[2,5]\n const one: int64[1] = 1\n a = ArgMax(x) {axis=1}\n b = Add(a, one)\n "
     "y = Cast(b) {to=1}"},
    {13, "input x: float32[2,3,4]\n y = ReduceMean(x) {axes=[1,2]}"},
    {18, "input x: float32[2,3,4]\n const a: int64[1] = -1\n y = ReduceMean(x, a) {keepdims=0}"},
    {13, "input x: float32[2,3,4]\n const a: int64[1] = 1\n y = ReduceSum(x, a)"},
    {13, "input x: float32[2,3,4]\n y = ReduceSum(x)"},
    {13,
     "input x: float32[2,3,4]\n a = ReduceMax(x) {axes=[1]}\n b = ReduceMin(x) {axes=[1]}\n y = "
     "Sub(a, b)"},
    {13,
     "input x: float32[2,3,4]\n a = ReduceL1(x) {axes=[1]}\n b = ReduceL2(x) {axes=[1]}\n y = "
     "Sub(a, b)"},
    {13,
     "input x: float32[2,3,4]\n a = ReduceSumSquare(x) {axes=[0,2]}\n b = ReduceLogSumExp(x) "
     "{axes=[0,2]}\n y = Sub(a, b)"},
    {13,
     "input x: float32[2,3,4]\n a = Abs(x)\n b = ReduceLogSum(a) {axes=[1]}\n c = ReduceProd(x) "
     "{axes=[1]}\n y = Add(b, c)"},
    {13, "input x: float32[2,3,4]\n y = ReduceProd(x) {axes=[0,2], keepdims=0}"},
    {13,
     "input x: float32[2,5]\n a = ArgMax(x) {axis=1}\n b = ArgMin(x) {axis=1}\n c = Sub(a, b)\n y "
     "= Cast(c) {to=1}"},
    {14,
     "input x: float32[5,2,3]\n const w: float32[2,16,3] = random(1)\n const r: float32[2,16,4] = "
     "random(2)\n"
     "const b: float32[2,32] = random(3)\n s, _, _ = LSTM(x, w, r, b) {hidden_size=4, "
     "direction=\"bidirectional\"}\n"
     "y = Identity(s)"},
    {14,
     "input x: float32[5,2,3]\n const w: float32[1,16,3] = random(1)\n const r: float32[1,16,4] = "
     "random(2)\n"
     "_, h, c = LSTM(x, w, r) {hidden_size=4, direction=\"reverse\"}\n y = Concat(h, c) {axis=0}"},
    {14,
     "input x: float32[5,2,3]\n const w: float32[1,12,3] = random(1)\n const r: float32[1,12,4] = "
     "random(2)\n"
     "const b: float32[1,24] = random(3)\n y = GRU(x, w, r, b) {hidden_size=4}"},
    {14,
     "input x: float32[5,2,3]\n const w: float32[1,12,3] = random(1)\n const r: float32[1,12,4] = "
     "random(2)\n"
     "const b: float32[1,24] = random(3)\n s, h = GRU(x, w, r, b) {hidden_size=4, "
     "linear_before_reset=1}\n y = Concat(h, h) {axis=0}"},
    {14,
     "input x: float32[5,2,3]\n const w: float32[2,4,3] = random(1)\n const r: float32[2,4,4] = "
     "random(2)\n"
     "const b: float32[2,8] = random(3)\n s, h = RNN(x, w, r, b) {hidden_size=4, "
     "direction=\"bidirectional\"}\n m = ReduceMean(h) {axes=[0]}\n y = Add(s, m)"},
    {14,
     "input x: float32[5,2,3]\n const w: float32[1,4,3] = random(1)\n const r: float32[1,4,4] = "
     "random(2)\n y = RNN(x, w, r) {hidden_size=4, activations=[\"Relu\"]}"},
    {14,
     "input x: float32[5,2,3]\n const w: float32[2,16,3] = random(1)\n const r: float32[2,16,4] = "
     "random(2)\n const l: int32[2] = 5 2\n"
     "const b: float32[2,32] = random(3)\n const p: float32[2,12] = random(4)\n s, h, c = LSTM(x, "
     "w, "
     "r, b, l, _, _, p) {hidden_size=4, direction=\"bidirectional\"}\n"
     "t = Add(h, c)\n m = ReduceMean(t) {axes=[0]}\n y = Add(s, m)"},
    {13,
     "input x: float32[2,3,4,4]\n const s: float32[] = 0.02\n const z: uint8[] = 100\n"
     "q = QuantizeLinear(x, s, z)\n m = MaxPool(q) {kernel_shape=[2,2]}\n y = DequantizeLinear(m, "
     "s, z)"},
    {13,
     "input x: float32[2,3,4]\n const s: float32[3] = 0.02 0.1 0.5\n const z: int8[3] = 0 5 -7\n"
     "q = QuantizeLinear(x, s, z) {axis=1}\n y = DequantizeLinear(q, s, z) {axis=1}"},
};

}  // namespace

std::span<const OperatorCase> computing_cases() { return kCases; }

}  // namespace octavo::testing
