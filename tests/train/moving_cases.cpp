// Operators that move, pick, write and mix elements.
#include "train/operator_cases.h"

namespace octavo::testing {
namespace {

constexpr OperatorCase kCases[] = {
    {13, "input x: float32[2,3,4]\n const s: int64[2] = 0 -1\n y = Reshape(x, s)"},
    {13, "input x: float32[2,3,4]\n y = Flatten(x) {axis=2}"},
    {13, "input x: float32[2,3,4]\n y = Transpose(x) {perm=[2,0,1]}"},
    {13, "input x: float32[2,3,4]\n y = Transpose(x)"},
    {13, "input x: float32[2,1,4]\n const a: int64[1] = 1\n y = Squeeze(x, a)"},
    {13, "input x: float32[2,4]\n const a: int64[2] = -1 0\n y = Unsqueeze(x, a)"},
    {11, "input x: float32[2,1,4]\n s = Squeeze(x) {axes=[1]}\n y = Unsqueeze(s) {axes=[0]}"},
    {13, "input x: float32[2,1,4]\n const s: int64[3] = 1 3 1\n y = Expand(x, s)"},
    {13, "input x: float32[2,3]\n const r: int64[2] = 2 3\n y = Tile(x, r)"},
    {13,
     "input x: float32[2,3]\n s = Shape(x)\n f = Cast(s) {to=1}\n n = Size(x)\n g = Cast(n) "
     "{to=1}\n y = Add(f, g)"},
    {13,
     "input x: float32[2,3]\n s = Shape(x)\n o = ConstantOfShape(s) {value=float32[1](2.5)}\n y = "
     "Add(x, o)"},
    {13, "input x: float32[2,3]\n c = Constant() {value=float32[3](1 2 3)}\n y = Add(x, c)"},
    {13,
     "input x: float32[3]\n const a: int64[] = 1\n const b: int64[] = 7\n const d: int64[] = 2\n r "
     "= Range(a, b, d)\n"
     "f = Cast(r) {to=1}\n y = Add(x, f)"},
    {13, "input x: float32[1,8,2,3]\n y = DepthToSpace(x) {blocksize=2}"},
    {13, "input x: float32[1,8,2,3]\n y = DepthToSpace(x) {blocksize=2, mode=\"CRD\"}"},
    {13, "input x: float32[1,2,4,6]\n y = SpaceToDepth(x) {blocksize=2}"},
    {13, "input x: float32[2,3]\n input z: float32[2,2]\n y = Concat(x, z) {axis=-1}"},
    {13,
     "input x: float32[2,5]\n const s: int64[2] = 2 3\n a, b = Split(x, s) {axis=1}\n y = "
     "Concat(b, a) {axis=1}"},
    {11, "input x: float32[4,2]\n a, b = Split(x) {axis=0}\n y = Add(a, b)"},
    {13,
     "input x: float32[6,5]\n const b: int64[2] = 1 -1\n const e: int64[2] = 100 0\n const a: "
     "int64[2] = 0 1\n"
     "const t: int64[2] = 2 -2\n y = Slice(x, b, e, a, t)"},
    {9, "input x: float32[6,5]\n y = Slice(x) {starts=[1,0], ends=[-1,3]}"},
    {13,
     "input x: float32[2,3]\n const p: int64[4] = 0 1 2 -1\n const v: float32[] = 0.5\n y = Pad(x, "
     "p, v)"},
    {13, "input x: float32[2,5]\n const p: int64[4] = 1 2 0 3\n y = Pad(x, p) {mode=\"reflect\"}"},
    {13, "input x: float32[2,5]\n const p: int64[4] = 1 2 0 3\n y = Pad(x, p) {mode=\"edge\"}"},
    {9, "input x: float32[2,5]\n y = Pad(x) {pads=[0,1,1,0], value=2.0}"},
    {13, "input x: float32[4,3]\n const i: int64[2,2] = 0 -1 2 1\n y = Gather(x, i)"},
    {13,
     "input x: float32[2,3]\n const i: int64[2,2] = 0 -1 2 1\n y = GatherElements(x, i) {axis=1}"},
    {13, "input x: float32[3,4,2]\n const i: int64[2,2] = 2 -1 0 3\n y = GatherND(x, i)"},
    {13,
     "input x: float32[2,4,3]\n const i: int64[2,3,1] = 0 -1 2 3 1 1\n"
     "y = GatherND(x, i) {batch_dims=1}"},
    {16,
     "input x: float32[3,4]\n input z: float32[2,4]\n const i: int64[2,4] = 0 -1 1 0 2 0 0 1\n"
     "y = ScatterElements(x, i, z)"},
    {16,
     "input x: float32[3,4]\n input z: float32[3,2]\n const i: int64[3,2] = 0 -1 1 1 2 0\n"
     "y = ScatterElements(x, i, z) {axis=1, reduction=\"add\"}"},
    {18,
     "input x: float32[3,4]\n input z: float32[3,2]\n const i: int64[3,2] = 0 -1 1 1 2 0\n"
     "y = ScatterElements(x, i, z) {axis=1, reduction=\"max\"}"},
    {9,
     "input x: float32[3,4]\n input z: float32[3,1]\n const i: int64[3,1] = 0 3 1\n"
     "y = Scatter(x, i, z) {axis=1}"},
    {16,
     "input x: float32[3,4,2]\n input z: float32[2,2]\n const i: int64[2,2] = 2 -1 0 3\n"
     "y = ScatterND(x, i, z)"},
    {16,
     "input x: float32[3,4]\n input z: float32[2,4]\n const i: int64[2,1] = 1 1\n"
     "y = ScatterND(x, i, z) {reduction=\"add\"}"},
    {18,
     "input x: float32[3,4]\n input z: float32[2,4]\n const i: int64[2,1] = -1 1\n"
     "y = ScatterND(x, i, z) {reduction=\"mul\"}"},
    {13,
     "input x: float32[2,3]\n const d: int64[] = 4\n const v: float32[2] = -1 2\n a = ArgMax(x) "
     "{axis=1, keepdims=0}\n y = OneHot(a, d, v) {axis=0}"},
    {13,
     "input x: float32[3,5]\n const k: int64[1] = 2\n v, i = TopK(x, k)\n f = Cast(i) {to=1}\n"
     "y = Add(v, f)"},
    {9, "input x: float32[3,5]\n y, i = TopK(x) {k=2, axis=0}"},
    {13, "input x: float32[3,5]\n const k: int64[1] = 2\n y, i = TopK(x, k) {axis=0, largest=0}"},
    {13, "input x: float32[4,3,2]\n const l: int64[3] = 4 1 2\n y = ReverseSequence(x, l)"},
    {13,
     "input x: float32[3,4,2]\n const l: int64[3] = 4 1 2\n y = ReverseSequence(x, l) "
     "{batch_axis=0, time_axis=1}"},
    {14, "input x: float32[2,3,4]\n y = Trilu(x)"},
    {14, "input x: float32[3,4]\n const k: int64[] = -1\n y = Trilu(x, k) {upper=0}"},
    {13, "input x: float32[3,4]\n e = EyeLike(x) {k=1}\n y = Mul(x, e)"},
    {16, "input x: float32[2,3,4,5]\n input g: float32[2,3,2,2]\n y = GridSample(x, g)"},
    {16,
     "input x: float32[2,3,4,5]\n input g: float32[2,3,2,2]\n y = GridSample(x, g) "
     "{mode=\"nearest\", padding_mode=\"border\", align_corners=1}"},
    {16,
     "input x: float32[2,3,4,5]\n input g: float32[2,3,2,2]\n y = GridSample(x, g) "
     "{mode=\"bicubic\", padding_mode=\"reflection\"}"},
    {20, "input x: float32[2,2,3]\n const s: int64[4] = 2 3 4 5\n y = AffineGrid(x, s)"},
    {13, "input x: float32[3,4]\n const c: bool[4] = 0 1 0 1\n y = Compress(x, c) {axis=1}"},
    {13,
     "input x: float32[3,4]\n g = Relu(x)\n i = NonZero(g)\n t = Transpose(i)\n y = GatherND(x, "
     "t)"},
    {14, "input x: float32[2,5]\n const a: int64[] = 1\n y = CumSum(x, a)"},
    {14,
     "input x: float32[2,5]\n const a: int64[] = -1\n y = CumSum(x, a) {exclusive=1, "
     "reverse=1}"},
    {13,
     "input x: float32[2,3]\n f = Floor(x)\n d = Reciprocal(f)\n n = IsInf(d) "
     "{detect_negative=0}\n "
     "r = Relu(x)\n y = Where(n, r, x)"},
    {13,
     "input x: float32[2,5]\n input z: float32[5]\n const zero: float32[] = 0\n a = Greater(x, "
     "zero)\n b = Greater(z, zero)\n n = Xor(a, b)\n y = Where(n, x, z)"},
    {13, "input x: float32[2,3]\n r = Sqrt(x)\n n = IsNaN(r)\n a = Abs(x)\n y = Where(n, a, x)"},
    {13,
     "input x: float32[1,2,4,5]\n const s: float32[4] = 1 1 2 1.5\n"
     "y = Resize(x, _, s) {mode=\"linear\"}"},
    {13,
     "input x: float32[1,2,4,5]\n const s: int64[4] = 1 2 7 3\n"
     "y = Resize(x, _, _, s) {mode=\"nearest\", coordinate_transformation_mode=\"asymmetric\", "
     "nearest_mode=\"floor\"}"},
    {13,
     "input x: float32[1,2,4,5]\n const s: int64[4] = 1 2 8 9\n"
     "y = Resize(x, _, _, s) {mode=\"linear\", coordinate_transformation_mode=\"align_corners\"}"},
    {13,
     "input x: float32[1,2,4,5]\n const s: float32[4] = 1 1 2 1.5\n"
     "y = Resize(x, _, s) {mode=\"cubic\"}"},
    {13,
     "input x: float32[1,2,4,5]\n const s: int64[4] = 1 2 7 3\n"
     "y = Resize(x, _, _, s) {mode=\"cubic\", cubic_coeff_a=-0.5, exclude_outside=1}"},
    {19,
     "input x: float32[1,2,4,5]\n const s: float32[2] = 1.3 0.7\n"
     "y = Resize(x, _, s) {mode=\"linear\", axes=[2,3], "
     "coordinate_transformation_mode=\"half_pixel_symmetric\"}"},
    {18,
     "input x: float32[1,2,4,5]\n const s: int64[2] = 8 8\n"
     "y = Resize(x, _, _, s) {axes=[2,3], keep_aspect_ratio_policy=\"not_larger\"}"},
    {18,
     "input x: float32[1,2,9,8]\n const s: int64[4] = 1 2 4 5\n"
     "y = Resize(x, _, _, s) {mode=\"cubic\", antialias=1}"},
    {18,
     "input x: float32[1,2,9,8]\n const s: int64[4] = 1 2 4 5\n"
     "y = Resize(x, _, _, s) {mode=\"linear\", antialias=1}"},
    {13, "input x: float32[1,2,4,5]\n const s: float32[4] = 1 1 2 2\n y = Resize(x, _, s)"},
    {11,
     "input x: float32[1,2,4,5]\n const r: float32[1] = 0\n const s: float32[4] = 1 1 1.7 0.6\n"
     "y = Resize(x, r, s) {coordinate_transformation_mode=\"tf_half_pixel_for_nn\", "
     "nearest_mode=\"floor\"}"},
    {7, "input x: float32[1,2,4,5]\n y = Upsample(x) {scales=[1.0,1.0,2.0,2.0]}"},
    {9, "input x: float32[1,2,4,5]\n const s: float32[4] = 1 1 2 2\n y = Upsample(x, s)"},
};

}  // namespace

std::span<const OperatorCase> moving_cases() { return kCases; }

}  // namespace octavo::testing
