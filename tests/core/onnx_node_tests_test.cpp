// ONNX's own tests of the quantized operators (scripts/setup unpacks them) through the numeric
// contract and the integer references: the same codes, the same floats.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/reference/image_columns.h"
#include "core/reference/integer_product.h"
#include "model/attributes.h"
#include "octavo/model.h"
#include "octavo/quantization.h"
#include "onnx/onnx-ml.pb.h"
#include "support/onnx_tests.h"

namespace octavo {
namespace {

namespace fs = std::filesystem;

// Parts of their names.
constexpr std::string_view kFamilies[] = {"convinteger", "matmulinteger", "qlinear",
                                          "quantizelinear"};
// The numeric contract is of integer codes; Octavo writes float8 and float4 nowhere.
constexpr std::string_view kFloatCodes[] = {"e4m3fn", "e5m2", "float4e2m1"};
// The operator taken apart into others: nothing of its own to test.
constexpr std::string_view kExpanded = "_expanded";
// The operator saturates, says its definition; these expectations wrap round below -128 (20 for
// -236). Where ours is -128, theirs is not compared.
constexpr std::string_view kWrapping = "test_qlinearmatmul_2D_int8";
constexpr std::string_view kWrapping3d = "test_qlinearmatmul_3D_int8";
constexpr std::size_t kFewestCases = 30;

using Tensors = std::vector<Tensor>;

struct NodeTest {
  onnx::NodeProto node;
  Tensors inputs;  // empty shapes where the node leaves one out
  Tensors outputs;
};

std::vector<std::int32_t> codes_of(const Tensor& tensor) {
  std::vector<std::int32_t> codes(tensor.size());
  for (std::size_t i = 0; i < codes.size(); ++i) codes[i] = static_cast<std::int32_t>(tensor.at(i));
  return codes;
}

// Scales and zero points as an operator's inputs hold them; no zero point means 0.
QuantParams params_of(const onnx::NodeProto& node, const Tensor& scale, const Tensor* zero_point,
                      DType dtype, std::size_t rank) {
  QuantParams params;
  params.scheme.dtype = dtype;
  for (std::size_t i = 0; i < scale.size(); ++i) {
    params.scale.push_back(static_cast<float>(scale.at(i)));
    params.zero_point.push_back(
        zero_point == nullptr ? 0 : static_cast<std::int32_t>(zero_point->at(i)));
  }
  if (scale.size() > 1) {
    const auto axis = static_cast<int>(int_attribute(node, "axis", 1));
    params.axis = axis < 0 ? axis + static_cast<int>(rank) : axis;
    params.block_size = int_attribute(node, "block_size", 0);
  }
  return params;
}

Tensors quantize_linear(const NodeTest& test) {
  const Tensor* zero_point = test.inputs.size() > 2 ? &test.inputs[2] : nullptr;
  const Tensor& x = test.inputs[0];
  return {quantize(x.to_float32(), params_of(test.node, test.inputs[1], zero_point,
                                             test.outputs[0].dtype(), x.shape().size()))};
}

Tensors dequantize_linear(const NodeTest& test) {
  const Tensor* zero_point = test.inputs.size() > 2 ? &test.inputs[2] : nullptr;
  const Tensor& x = test.inputs[0];
  return {
      dequantize(x, params_of(test.node, test.inputs[1], zero_point, x.dtype(), x.shape().size()))};
}

Tensors dynamic_quantize_linear(const NodeTest& test) {
  const auto values = test.inputs[0].as<float>();
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  QuantParams params;
  params.scheme = {DType::kUint8, Symmetry::kAsymmetric, false, 0};
  const ScaleZeroPoint chosen = choose_params({*low, *high}, params.scheme);
  params.scale = {chosen.scale};
  params.zero_point = {chosen.zero_point};
  return {quantize(test.inputs[0], params), Tensor::of<float>({}, {chosen.scale}),
          Tensor::of<std::uint8_t>({}, {static_cast<std::uint8_t>(chosen.zero_point)})};
}

struct Requantization {
  std::vector<float> scale;  // of the sums over that of the result; one, or one a column
  std::int32_t zero_point = 0;
  DType dtype = DType::kUint8;
};

// round_half_even(sum * scale) + zero point, saturated.
std::int32_t requantize(std::int32_t sum, std::size_t column, const Requantization& to) {
  const DTypeTraits& type = traits(to.dtype);
  const float scale = to.scale[to.scale.size() > 1 ? column : 0];
  const double code = double{std::nearbyint(static_cast<float>(sum) * scale)} + to.zero_point;
  return static_cast<std::int32_t>(std::clamp(code, type.lowest, type.highest));
}

Tensor tensor_of(DType dtype, Shape shape, std::span<const std::int32_t> codes) {
  Tensor tensor(dtype, std::move(shape));
  for (std::size_t i = 0; i < codes.size(); ++i) {
    traits(dtype).encode(tensor.mutable_bytes().data(), i, codes[i]);
  }
  return tensor;
}

// [rows, columns] -> [columns, rows]
std::vector<std::int32_t> transposed(std::span<const std::int32_t> codes, std::size_t columns) {
  std::vector<std::int32_t> result(codes.size());
  const std::size_t rows = codes.size() / columns;
  for (std::size_t i = 0; i < codes.size(); ++i)
    result[i % columns * rows + i / columns] = codes[i];
  return result;
}

// [..., rows, inner] x [..., inner, columns], one product after the other.
std::vector<std::int32_t> matrix_sums(const Tensor& a, const Tensor& b, const Tensor* a_zero_point,
                                      const Tensor* b_zero_point) {
  const std::vector<std::int32_t> left = codes_of(a);
  const std::vector<std::int32_t> right = codes_of(b);
  const auto last = [](const Tensor& tensor, std::size_t from_end) {
    return static_cast<std::size_t>(tensor.shape()[tensor.shape().size() - from_end]);
  };
  IntegerOperands operands;
  operands.rows = last(a, 2);
  operands.inner = last(a, 1);
  operands.columns = last(b, 1);
  if (a_zero_point != nullptr) operands.activation_zero_point = codes_of(*a_zero_point)[0];
  operands.weight_zero_points =
      b_zero_point == nullptr ? std::vector<std::int32_t>{0} : codes_of(*b_zero_point);
  std::vector<std::int32_t> sums;
  const std::size_t a_size = operands.rows * operands.inner;
  const std::size_t b_size = operands.inner * operands.columns;
  for (std::size_t i = 0; i * a_size < left.size(); ++i) {
    operands.activations = std::span(left).subspan(i * a_size, a_size);
    const auto columns = transposed(std::span(right).subspan(i * b_size, b_size), operands.columns);
    operands.weights = columns;
    const IntegerProduct product = multiply(operands, Accumulation::kInt32);
    sums.insert(sums.end(), product.sums.begin(), product.sums.end());
  }
  return sums;
}

Tensors matmul_integer(const NodeTest& test) {
  const auto& in = test.inputs;
  return {tensor_of(DType::kInt32, test.outputs[0].shape(),
                    matrix_sums(in[0], in[1], in.size() > 2 ? &in[2] : nullptr,
                                in.size() > 3 ? &in[3] : nullptr))};
}

Tensors qlinear_matmul(const NodeTest& test) {
  const auto& in = test.inputs;
  std::vector<std::int32_t> codes = matrix_sums(in[0], in[3], &in[2], &in[5]);
  const Requantization to{{static_cast<float>(in[1].at(0) * in[4].at(0) / in[6].at(0))},
                          codes_of(in[7])[0],
                          test.outputs[0].dtype()};
  for (std::int32_t& code : codes) code = requantize(code, 0, to);
  return {tensor_of(to.dtype, test.outputs[0].shape(), codes)};
}

ConvolutionGeometry geometry_of(const onnx::NodeProto& node, const Shape& weight) {
  const std::size_t dimensions = weight.size() - 2;
  const auto ints = [&](std::string_view name, std::int64_t absent, std::size_t count) {
    auto values = ints_attribute(node, name);
    if (values.empty()) values.assign(count, absent);
    return values;
  };
  const std::vector<std::int64_t> pads = ints("pads", 0, 2 * dimensions);
  const auto middle = pads.begin() + static_cast<std::ptrdiff_t>(dimensions);
  return {{weight.begin() + 2, weight.end()},
          ints("strides", 1, dimensions),
          ints("dilations", 1, dimensions),
          {pads.begin(), middle},
          {middle, pads.end()}};
}

// A convolution of one image and one group, as ONNX's tests have them: [positions, outputs].
std::vector<std::int32_t> convolution_sums(const NodeTest& test, const Tensor& image,
                                           const Tensor& weight, std::int32_t image_zero_point,
                                           std::vector<std::int32_t> weight_zero_points) {
  const std::vector<std::int32_t> pixels = codes_of(image);
  const auto channels = static_cast<std::size_t>(image.shape()[1]);
  const auto outputs = static_cast<std::size_t>(weight.shape()[0]);
  const auto rows = image_columns(pixels, channels, std::span(image.shape()).subspan(2),
                                  geometry_of(test.node, weight.shape()), image_zero_point);
  const auto kernels = kernel_rows(codes_of(weight), outputs, channels);
  const std::size_t inner = kernels.size() / outputs;
  return multiply({rows.size() / inner, inner, outputs, rows, kernels, image_zero_point,
                   std::move(weight_zero_points)},
                  Accumulation::kInt32)
      .sums;
}

Tensors conv_integer(const NodeTest& test) {
  const auto& in = test.inputs;
  const auto outputs = static_cast<std::size_t>(in[1].shape()[0]);
  const auto sums =
      convolution_sums(test, in[0], in[1], in.size() > 2 ? codes_of(in[2])[0] : 0,
                       in.size() > 3 ? codes_of(in[3]) : std::vector<std::int32_t>{0});
  return {tensor_of(DType::kInt32, test.outputs[0].shape(), transposed(sums, outputs))};
}

Tensors qlinear_conv(const NodeTest& test) {
  const auto& in = test.inputs;
  const auto outputs = static_cast<std::size_t>(in[3].shape()[0]);
  std::vector<std::int32_t> codes =
      convolution_sums(test, in[0], in[3], codes_of(in[2])[0], codes_of(in[5]));
  Requantization to{{}, codes_of(in[7])[0], test.outputs[0].dtype()};
  for (std::size_t i = 0; i < in[4].size(); ++i) {
    to.scale.push_back(static_cast<float>(in[1].at(0) * in[4].at(i) / in[6].at(0)));
  }
  for (std::size_t i = 0; i < codes.size(); ++i) codes[i] = requantize(codes[i], i % outputs, to);
  return {tensor_of(to.dtype, test.outputs[0].shape(), transposed(codes, outputs))};
}

using Operator = Tensors (*)(const NodeTest&);
const std::map<std::string, Operator>& operators() {
  static const std::map<std::string, Operator> kOperators = {
      {"ConvInteger", conv_integer},
      {"DequantizeLinear", dequantize_linear},
      {"DynamicQuantizeLinear", dynamic_quantize_linear},
      {"MatMulInteger", matmul_integer},
      {"QLinearConv", qlinear_conv},
      {"QLinearMatMul", qlinear_matmul},
      {"QuantizeLinear", quantize_linear}};
  return kOperators;
}

bool is_tested(std::string_view folder) {
  const auto is_in = [&](std::string_view part) { return folder.find(part) != folder.npos; };
  return std::any_of(std::begin(kFamilies), std::end(kFamilies), is_in) && !is_in(kExpanded) &&
         std::none_of(std::begin(kFloatCodes), std::end(kFloatCodes), is_in);
}

std::vector<fs::path> test_folders() {
  std::vector<fs::path> folders = testing::onnx_test_folders("node");
  std::erase_if(folders, [](const fs::path& path) { return !is_tested(path.filename().string()); });
  return folders;
}

void expect_equal(const Tensor& expected, const Tensor& found, bool wraps) {
  ASSERT_EQ(to_string(expected.shape()), to_string(found.shape()));
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const bool wrapped = wraps && found.at(i) == traits(found.dtype()).lowest;
    if (wrapped) continue;
    ASSERT_EQ(expected.at(i), found.at(i)) << "element " << i;
  }
}

TEST(OnnxNodeTests, TheNumericContractAgrees) {
  const std::vector<fs::path> folders = test_folders();
  ASSERT_GE(folders.size(), kFewestCases) << "scripts/setup unpacks them into .deps/";
  std::map<std::string, int> cases;
  for (const fs::path& folder : folders) {
    SCOPED_TRACE(folder.filename().string());
    const Model model = read_model(folder / "model.onnx");
    ASSERT_EQ(model.proto().graph().node_size(), 1);
    NodeTest test{model.proto().graph().node(0), testing::onnx_test_tensors(folder, "input"),
                  testing::onnx_test_tensors(folder, "output")};
    const Tensors found = operators().at(test.node.op_type())(test);
    ASSERT_EQ(found.size(), test.outputs.size());
    const std::string name = folder.filename().string();
    const bool wraps = name.starts_with(kWrapping) || name.starts_with(kWrapping3d);
    for (std::size_t i = 0; i < found.size(); ++i) expect_equal(test.outputs[i], found[i], wraps);
    ++cases[test.node.op_type()];
  }
  EXPECT_EQ(cases.size(), operators().size()) << "an operator has no test";
}

}  // namespace
}  // namespace octavo
