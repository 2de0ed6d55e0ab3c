#include "modes/weight_codes.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "model/attributes.h"
#include "model/tensor_proto.h"

namespace octavo {
namespace {

template <typename T>
std::vector<T> transposed_entries(const std::vector<T>& entries, std::size_t rows) {
  const std::size_t columns = entries.size() / rows;
  std::vector<T> result;
  result.reserve(entries.size());
  for (std::size_t column = 0; column < columns; ++column) {
    for (std::size_t row = 0; row < rows; ++row) result.push_back(entries[row * columns + column]);
  }
  return result;
}

}  // namespace

StoredCodes quantized(const PlannedWeight& weight, const Graph& graph) {
  const Tensor values = tensor_from_proto(*graph.initializer(weight.tensor));
  return {quantize(values, weight.params), weight.params};
}

std::string store_scale(const QuantParams& params, Shape shape, const std::string& subject,
                        ModelWriter& writer) {
  return writer.store(Tensor::of<float>(std::move(shape), params.scale), subject + "_scale");
}

std::string store_zero_point(const QuantParams& params, Shape shape, const std::string& subject,
                             ModelWriter& writer) {
  const DTypeTraits& type = traits(params.scheme.dtype);
  Tensor tensor(type.dtype, std::move(shape));
  for (std::size_t i = 0; i < params.zero_point.size(); ++i) {
    type.encode(tensor.mutable_bytes().data(), i, params.zero_point[i]);
  }
  return writer.store(tensor, subject + "_zero_point");
}

StoredCodes transposed(const StoredCodes& stored) {
  const Shape& shape = stored.codes.shape();
  const DTypeTraits& type = traits(stored.codes.dtype());
  const auto rows = static_cast<std::size_t>(shape[0]);
  const auto columns = static_cast<std::size_t>(shape[1]);
  StoredCodes result{Tensor(type.dtype, {shape[1], shape[0]}), stored.params};
  const std::byte* from = stored.codes.bytes().data();
  std::byte* to = result.codes.mutable_bytes().data();
  for (std::size_t column = 0; column < columns; ++column) {
    for (std::size_t row = 0; row < rows; ++row) {
      type.encode(to, column * rows + row, type.decode(from, row * columns + column));
    }
  }
  QuantParams& params = result.params;
  if (params.granularity() == Granularity::kPerBlock) {
    const Shape scales = scale_shape(shape, params.axis, params.block_size);
    const auto scale_rows = static_cast<std::size_t>(scales[0]);
    params.scale = transposed_entries(stored.params.scale, scale_rows);
    params.zero_point = transposed_entries(stored.params.zero_point, scale_rows);
  }
  if (params.axis) params.axis = 1 - *params.axis;
  return result;
}

Shape broadcast_shape(const StoredCodes& stored) {
  Shape shape(stored.codes.shape().size(), 1);
  const auto& axis = stored.params.axis;
  if (axis) shape[static_cast<std::size_t>(*axis)] = stored.codes.shape()[*axis];
  return shape;
}

std::string store_float_zero_point(const StoredCodes& stored, const std::string& subject,
                                   ModelWriter& writer) {
  const auto& points = stored.params.zero_point;
  if (std::all_of(points.begin(), points.end(), [](int point) { return point == 0; })) return {};
  const std::vector<float> values(points.begin(), points.end());
  return writer.store(Tensor::of<float>(broadcast_shape(stored), values),
                      subject + "_zero_point_float");
}

void write_scaled_cast(const CastInputs& inputs, const std::string& name, const std::string& output,
                       ModelWriter& writer) {
  std::string steps = writer.new_name(output + "_steps");
  set_attribute(writer.add_node("Cast", "", name + "/Cast", {inputs.codes}, {steps}), "to",
                std::int64_t{to_onnx(DType::kFloat32)});
  if (!inputs.zero_point.empty()) {
    const std::string centred = writer.new_name(output + "_centred");
    writer.add_node("Sub", "", name + "/Sub", {steps, inputs.zero_point}, {centred});
    steps = centred;
  }
  writer.add_node("Mul", "", name, {steps, inputs.scale}, {output});
}

}  // namespace octavo
