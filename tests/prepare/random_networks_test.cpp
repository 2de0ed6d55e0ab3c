// Random networks through the whole preparation. Sensible ones must compute the same; nonsense must
// end in octavo::Error or in a graph that is still one.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "model/check.h"
#include "model/operators.h"
#include "model/print.h"
#include "octavo/error.h"
#include "octavo/executor.h"
#include "onnx/onnx-ml.pb.h"
#include "prepare/pass_testing.h"
#include "prepare/prepare.h"
#include "support/graph_text.h"

namespace octavo {
namespace {

constexpr unsigned kNetworks = 300;

PrepareOptions all_passes_to_opset_13() {
  static const auto executor = make_executor("onnxruntime");
  PrepareOptions options;
  options.opset = 13;
  options.evaluate = make_constant_evaluator(*executor);
  return options;
}

// Draws numbers, the same on every platform.
class Dice {
 public:
  explicit Dice(unsigned seed) : engine_(seed) {}
  std::size_t below(std::size_t limit) { return engine_() % limit; }
  template <typename Items>
  const auto& pick(const Items& items) {
    return items[below(std::size(items))];
  }
  bool happens_one_in(std::size_t times) { return below(times) == 0; }

 private:
  std::mt19937 engine_;
};

// Writes networks over tensors [N,4,6,6], each node reading one of the latest tensors.
class NetworkWriter {
 public:
  explicit NetworkWriter(unsigned seed) : dice_(seed) {}

  std::string write(int nodes) {
    for (int i = 0; i < nodes; ++i) write_node();
    std::string outputs = fmt::format("output {}: float32\n", tensors_.back());
    for (std::size_t i = 1; i + 1 < tensors_.size(); ++i) {
      if (dice_.happens_one_in(12)) outputs += fmt::format("output {}: float32\n", tensors_[i]);
    }
    return fmt::format("opset 11\ninput x: float32[N,4,6,6]\n{}{}{}", constants_, body_, outputs);
  }

 private:
  const std::string& recent() {
    const std::size_t window = std::min<std::size_t>(tensors_.size(), 3);
    return tensors_[tensors_.size() - 1 - dice_.below(window)];
  }

  std::string constant(std::string_view shape, std::string_view range) {
    std::string name = fmt::format("k{}", count_++);
    constants_ +=
        fmt::format("const {}: float32[{}] = random({}, {})\n", name, shape, count_, range);
    return name;
  }

  // Returns the new tensor, which has another shape than the others.
  std::string append_inner(const std::string& operation) {
    std::string tensor = fmt::format("t{}", count_++);
    const std::string name = dice_.happens_one_in(4) ? "" : fmt::format(" \"node {}\"", tensor);
    body_ += fmt::format("{} = {}{}\n", tensor, operation, name);
    return tensor;
  }

  void append(const std::string& operation) { tensors_.push_back(append_inner(operation)); }

  std::string weights(std::string_view shape) {
    if (weights_.empty() || !dice_.happens_one_in(8)) weights_ = constant(shape, "-0.5, 0.5");
    return weights_;
  }

  void write_conv() {
    const bool is_padded = dice_.happens_one_in(2);
    const std::string kernel = is_padded ? constant("4,4,3,3", "-0.3, 0.3") : weights("4,4,1,1");
    const std::string bias = dice_.happens_one_in(2) ? ", " + constant("4", "-1, 1") : "";
    append(fmt::format("Conv({}, {}{}) {{pads=[{}]}}", recent(), kernel, bias,
                       is_padded ? "1,1,1,1" : "0,0,0,0"));
  }

  void write_depthwise() {
    const std::string_view op = dice_.happens_one_in(2) ? "Conv" : "ConvTranspose";
    append(fmt::format("{}({}, {}) {{group=4, pads=[1,1,1,1]}}", op, recent(),
                       constant("4,1,3,3", "-0.5, 0.5")));
  }

  void write_batchnorm() {
    append(fmt::format("BatchNormalization({}, {}, {}, {}, {})", recent(),
                       constant("4", "0.5, 1.5"), constant("4", "-1, 1"), constant("4", "-1, 1"),
                       constant("4", "0.5, 2")));
  }

  void write_arithmetic() {
    constexpr std::string_view kOperators[] = {"Add", "Div", "Mul", "Sub"};
    constexpr std::string_view kShapes[] = {"", "1", "4,1,1", "1,4,1,1", "6", "4,6,6"};
    const std::string left = recent();
    const std::string right = constant(dice_.pick(kShapes), "0.4, 1.2");
    const std::string_view op = dice_.pick(kOperators);
    const bool is_swapped = op != "Div" && dice_.happens_one_in(3);
    append(is_swapped ? fmt::format("{}({}, {})", op, right, left)
                      : fmt::format("{}({}, {})", op, left, right));
  }

  void write_activation() {
    constexpr std::string_view kOperators[] = {"Relu",    "LeakyRelu", "Sigmoid", "HardSigmoid",
                                               "Dropout", "Identity",  "Neg",     "Softmax"};
    append(fmt::format("{}({})", dice_.pick(kOperators), recent()));
  }

  void write_clip() {
    append(fmt::format("Clip({}, {}, {})", recent(), constant("", "-2, -0.1"),
                       constant("", "0.5, 3")));
  }

  void write_product() {
    constexpr std::string_view kOperators[] = {"Add", "Mul"};
    append(fmt::format("{}({}, {})", dice_.pick(kOperators), recent(), recent()));
  }

  void write_squeeze_and_excite() {
    const std::string features = recent();
    const std::string pooled = append_inner(
        dice_.happens_one_in(2) ? fmt::format("GlobalAveragePool({})", features)
                                : fmt::format("ReduceMean({}) {{axes=[2,3]}}", features));
    const std::string mixed =
        append_inner(fmt::format("Conv({}, {})", pooled, constant("4,4,1,1", "-0.5, 0.5")));
    const std::string gate = append_inner(fmt::format("HardSigmoid({})", mixed));
    append(fmt::format("Mul({}, {})", features, gate));
  }

  // As PyTorch writes a hard-sigmoid, behind weights that are computed.
  void write_clipped_gate() {
    const std::string weights =
        append_inner(fmt::format("Neg({})", constant("4,4,1,1", "-0.5, 0.5")));
    const std::string mixed = append_inner(fmt::format("Conv({}, {})", recent(), weights));
    const std::string shifted = append_inner(fmt::format("Add({}, three)", mixed));
    const std::string clipped = append_inner(fmt::format("Clip({}, zero, six)", shifted));
    append(fmt::format("Div({}, six)", clipped));
  }

  void write_padded_conv() {
    const std::string pads = fmt::format("k{}", count_++);
    constants_ += fmt::format("const {}: int64[8] = 0 0 1 0 0 0 1 2\n", pads);
    const std::string padded = append_inner(fmt::format("Pad({}, {})", recent(), pads));
    append(fmt::format("Conv({}, {})", padded, constant("4,4,3,3", "-0.3, 0.3")));
  }

  void write_node() {
    using Write = void (NetworkWriter::*)();
    constexpr Write kWrites[] = {&NetworkWriter::write_conv,
                                 &NetworkWriter::write_depthwise,
                                 &NetworkWriter::write_batchnorm,
                                 &NetworkWriter::write_batchnorm,
                                 &NetworkWriter::write_arithmetic,
                                 &NetworkWriter::write_arithmetic,
                                 &NetworkWriter::write_arithmetic,
                                 &NetworkWriter::write_activation,
                                 &NetworkWriter::write_clip,
                                 &NetworkWriter::write_product,
                                 &NetworkWriter::write_clipped_gate,
                                 &NetworkWriter::write_padded_conv,
                                 &NetworkWriter::write_squeeze_and_excite};
    (this->*dice_.pick(kWrites))();
  }

  Dice dice_;
  std::vector<std::string> tensors_ = {"x"};
  std::string constants_ =
      "const zero: float32[] = 0\nconst three: float32[] = 3\nconst six: float32[] = 6\n";
  std::string body_;
  std::string weights_;
  int count_ = 0;
};

TEST(RandomNetworks, ComputeTheSame) {
  std::map<std::string, std::size_t> changes;
  for (unsigned seed = 1; seed <= kNetworks; ++seed) {
    const std::string text = NetworkWriter(seed).write(3 + static_cast<int>(seed % 12));
    SCOPED_TRACE(fmt::format("seed {}\n{}", seed, text));
    const Model model = testing::parse_graph(text);
    const PreparedModel prepared = prepare(model, all_passes_to_opset_13());
    for (const PassReport& report : prepared.passes) changes[report.pass] += report.changes.size();
    testing::expect_same_outputs(model, prepared.model);
    const PreparedModel again = prepare(prepared.model, all_passes_to_opset_13());
    EXPECT_EQ(print_graph(again.model), print_graph(prepared.model)) << "not idempotent";
    if (HasFailure()) return;
  }
  // Made for other networks than these.
  const std::set<std::string> idle = {"constants_to_initializers", "freeze_initializers",
                                      "fuse_matmul_add"};
  for (const auto& [pass, count] : changes) {
    EXPECT_EQ(count == 0, idle.contains(pass)) << pass << " made " << count << " changes";
  }
}

// Operators that passes look at, with whatever operands and attributes.
std::string nonsense(unsigned seed) {
  Dice dice(seed);
  constexpr std::string_view kOperators[] = {"Add",
                                             "BatchNormalization",
                                             "Cast",
                                             "Clip",
                                             "Concat",
                                             "Constant",
                                             "Conv",
                                             "ConvTranspose",
                                             "DFT",
                                             "Div",
                                             "Dropout",
                                             "Flatten",
                                             "Gather",
                                             "Gemm",
                                             "Hardmax",
                                             "If",
                                             "GlobalAveragePool",
                                             "HardSigmoid",
                                             "HardSwish",
                                             "Identity",
                                             "LeakyRelu",
                                             "MatMul",
                                             "Max",
                                             "Mul",
                                             "Pad",
                                             "ReduceSum",
                                             "Relu",
                                             "Reshape",
                                             "Resize",
                                             "Scatter",
                                             "Shape",
                                             "Slice",
                                             "Softmax",
                                             "Split",
                                             "Squeeze",
                                             "Sub",
                                             "Sum",
                                             "TopK",
                                             "Transpose",
                                             "Unsqueeze",
                                             "Upsample",
                                             "RoiAlign"};
  constexpr std::string_view kAttributes[] = {"axis=9",
                                              "axis=-9",
                                              "axes=[7,-7]",
                                              "group=3",
                                              "group=0",
                                              "group=-1",
                                              "perm=[5,0]",
                                              "pads=[1]",
                                              "pads=[-1,2]",
                                              "to=14",
                                              "to=999",
                                              "min=0.5",
                                              "max=\"a\"",
                                              "epsilon=-9.0",
                                              "alpha=1e+38",
                                              "transB=1",
                                              "transA=1",
                                              "spatial=1",
                                              "training_mode=1",
                                              "k=-1",
                                              "scales=[0.5]",
                                              "mode=\"linear\"",
                                              "starts=[0]",
                                              "ends=[9]",
                                              "value=float32[2](1 2)",
                                              "value_ints=[1,2]",
                                              "auto_pad=\"VALID\"",
                                              "beta=0.0",
                                              "split=[1]",
                                              "allowzero=1"};
  std::vector<std::string> tensors = {"x",      "f",   "k",     "i",        "h", "e",
                                      "scalar", "nan", "shape", "channels", "_"};
  std::string body;
  for (int n = 0; n < 12; ++n) {
    // With fewer inputs than its operator has, a node does not get as far as the passes.
    const std::string_view op = dice.pick(kOperators);
    const auto fewest = static_cast<std::size_t>(fewest_inputs(op));
    std::string operands;
    for (std::size_t i = std::max(dice.below(5), fewest); i > 0; --i) {
      operands += (operands.empty() ? "" : ", ") + dice.pick(tensors);
    }
    const std::string attributes =
        dice.happens_one_in(2) ? fmt::format(" {{{}}}", dice.pick(kAttributes)) : "";
    std::string outputs = fmt::format("t{}", n);
    if (dice.happens_one_in(6)) outputs += fmt::format(", u{}", n);
    if (dice.happens_one_in(10)) outputs = fmt::format("_, t{}", n);
    body += fmt::format("{} = {}({}){}\n", outputs, op, operands, attributes);
    tensors.push_back(fmt::format("t{}", n));
  }
  return fmt::format(R"(opset {}
input x: float32[N,4,6,6]
input f
input channels: float32[4]
input channels2: bool
const channels2: bool[1] = 1
const k: float32[4,1,3,3] = random(1)
const i: int64[2] = 0 -1
const h: float16[4] = 1 2 3 4
const e: float32[0] =
const scalar: float32[] = 2
const nan: float32[4] = nan 1 inf 0
const shape: int32[4] = 0 -1 -7 100000
{}output t11
)",
                     7 + dice.below(15), body);
}

TEST(NonsenseNetworks, AreRefusedOrStayGraphs) {
  int prepared = 0;
  for (unsigned seed = 1; seed <= 2000; ++seed) {
    const std::string text = nonsense(seed);
    SCOPED_TRACE(fmt::format("seed {}\n{}", seed, text));
    try {
      PrepareOptions options;
      options.opset = 13;
      const PreparedModel once = prepare(testing::parse_graph(text), options);
      check_model(once.model, "nonsense");
      const PreparedModel twice = prepare(once.model, options);
      EXPECT_EQ(print_graph(twice.model), print_graph(once.model)) << "not idempotent";
      ++prepared;
    } catch (const Error& error) {
      EXPECT_STRNE(error.what(), "");
    }
    if (HasFailure()) return;
  }
  EXPECT_GT(prepared, 200);
}

}  // namespace
}  // namespace octavo
