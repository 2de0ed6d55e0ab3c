// com.microsoft::MatMulNBits: a product with a matrix of 4 or 8 bits a weight in blocks.
// ONNX Runtime, docs/ContribOperators.md: B is uint8 [N, blocks, block_size * bits / 8], the
// matrix's columns, elements of a byte low bits first; scales [N, blocks]; zero points packed
// likewise, a row of them padded to whole bytes, 2^(bits - 1) where there are none.
#include <algorithm>
#include <array>

#include "model/attributes.h"
#include "model/tensor_proto.h"
#include "modes/weight_codes.h"
#include "modes/weight_form.h"

namespace octavo::forms {
namespace {

// Products of int8 activations, as the kernels of accuracy level 4 make them: the fastest.
constexpr std::int64_t kInt8Activations = 4;
constexpr int kByteBits = 8;

// Codes as unsigned numbers of `bits`, packed a row at a time.
class PackedRows {
 public:
  PackedRows(std::int64_t rows, std::int64_t row_elements, int bits)
      : bits_(bits),
        row_bytes_((row_elements * bits + kByteBits - 1) / kByteBits),
        bytes_(static_cast<std::size_t>(rows * row_bytes_)) {}

  void set(std::int64_t row, std::int64_t element, unsigned code) {
    const std::int64_t bit = element * bits_;
    bytes_[static_cast<std::size_t>(row * row_bytes_ + bit / kByteBits)] |=
        static_cast<std::byte>(code << (bit % kByteBits));
  }

  Tensor as(Shape shape) && { return {DType::kUint8, std::move(shape), std::move(bytes_)}; }
  std::int64_t row_bytes() const { return row_bytes_; }

 private:
  int bits_;
  std::int64_t row_bytes_;
  std::vector<std::byte> bytes_;
};

// The matrix with its columns as rows, in blocks.
struct Blocks {
  std::int64_t columns = 0;  // N
  std::int64_t length = 0;   // K
  std::int64_t size = 0;
  int bits = 0;
  int offset = 0;  // from codes to unsigned codes

  std::int64_t count() const { return (length + size - 1) / size; }
};

// Whatever follows the end of a column stands for 0.
Tensor packed_codes(const StoredCodes& rows, const Blocks& blocks) {
  PackedRows packed(blocks.columns * blocks.count(), blocks.size, blocks.bits);
  const DTypeTraits& type = traits(rows.codes.dtype());
  const std::byte* codes = rows.codes.bytes().data();
  for (std::int64_t row = 0; row < blocks.columns * blocks.count(); ++row) {
    const std::int64_t column = row / blocks.count();
    const std::int64_t begin = row % blocks.count() * blocks.size;
    for (std::int64_t i = 0; i < blocks.size; ++i) {
      const std::int64_t k = begin + i;
      const auto code = k < blocks.length
                            ? static_cast<int>(type.decode(
                                  codes, static_cast<std::size_t>(column * blocks.length + k)))
                            : rows.params.zero_point[static_cast<std::size_t>(row)];
      packed.set(row, i, static_cast<unsigned>(code + blocks.offset));
    }
  }
  const std::int64_t row_bytes = packed.row_bytes();
  return std::move(packed).as({blocks.columns, blocks.count(), row_bytes});
}

// Empty where the runtime's own zero point, the middle, is right.
std::optional<Tensor> packed_zero_points(const StoredCodes& rows, const Blocks& blocks) {
  const auto& points = rows.params.zero_point;
  const int middle = 1 << (blocks.bits - 1);
  if (std::all_of(points.begin(), points.end(),
                  [&](int point) { return point + blocks.offset == middle; })) {
    return std::nullopt;
  }
  PackedRows packed(blocks.columns, blocks.count(), blocks.bits);
  for (std::int64_t i = 0; i < blocks.columns * blocks.count(); ++i) {
    packed.set(i / blocks.count(), i % blocks.count(),
               static_cast<unsigned>(points[static_cast<std::size_t>(i)] + blocks.offset));
  }
  const std::int64_t row_bytes = packed.row_bytes();
  return std::move(packed).as({blocks.columns, row_bytes});
}

void write(const onnx::NodeProto& node, std::span<const PlannedWeight* const> weights,
           ModelWriter& writer) {
  const PlannedWeight& weight = *weights.front();
  StoredCodes rows = quantized(weight, writer.graph());
  if (rows.params.axis == 0) rows = transposed(rows);
  const DTypeTraits& type = traits(rows.codes.dtype());
  const Shape& shape = rows.codes.shape();
  const Blocks blocks{.columns = shape[0],
                      .length = shape[1],
                      .size = rows.params.block_size,
                      .bits = type.bits,
                      .offset = -static_cast<int>(type.lowest)};
  std::vector<std::string> inputs = {
      node.input(0), writer.store(packed_codes(rows, blocks), weight.tensor + "_blocks"),
      store_scale(rows.params, {blocks.columns, blocks.count()}, weight.tensor, writer)};
  if (const auto points = packed_zero_points(rows, blocks)) {
    inputs.push_back(writer.store(*points, weight.tensor + "_zero_points"));
  }
  const bool has_bias = node.input_size() > 2 && !node.input(2).empty();
  const std::string product =
      has_bias ? writer.new_name(node.output(0) + "_product") : node.output(0);
  onnx::NodeProto& made =
      writer.add_node("MatMulNBits", kMicrosoftDomain, node.name(), inputs, {product});
  const std::array<std::pair<std::string_view, std::int64_t>, 5> attributes = {
      {{"K", blocks.length},
       {"N", blocks.columns},
       {"bits", blocks.bits},
       {"block_size", blocks.size},
       {"accuracy_level", kInt8Activations}}};
  for (const auto& [name, value] : attributes) set_attribute(made, name, value);
  if (!has_bias) return;
  writer.add_node("Add", "", node.name() + "/Add", {product, node.input(2)}, {node.output(0)});
}

}  // namespace

const WeightFormInfo& matmul_nbits() {
  static const WeightFormInfo kForm = {.form = WeightForm::kMatMulNBits,
                                       .blocks = BlockUse::kAlways,
                                       .operands = matrix_operand,
                                       .write = write};
  return kForm;
}

}  // namespace octavo::forms
