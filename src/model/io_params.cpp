#include "model/io_params.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>

#include "octavo/error.h"
#include "onnx/onnx-ml.pb.h"

namespace octavo {
namespace {

constexpr std::size_t kFirstChoice = 1;  // NCHW

std::string key(std::string_view what, std::string_view tensor) {
  return fmt::format("octavo.{}.{}", what, tensor);
}

void set_property(onnx::ModelProto& model, const std::string& name, const std::string& value) {
  for (auto& property : *model.mutable_metadata_props()) {
    if (property.key() == name) {
      property.set_value(value);
      return;
    }
  }
  auto& property = *model.add_metadata_props();
  property.set_key(name);
  property.set_value(value);
}

std::optional<std::string> property(const onnx::ModelProto& model, const std::string& name) {
  for (const auto& entry : model.metadata_props()) {
    if (entry.key() == name) return entry.value();
  }
  return std::nullopt;
}

std::vector<double> numbers(std::string_view text, const std::string& name) {
  std::vector<double> values;
  const std::string_view whole = text;
  while (true) {
    const std::string_view part = text.substr(0, text.find(','));
    double value = 0;
    const auto result = std::from_chars(part.data(), part.data() + part.size(), value);
    if (result.ec != std::errc() || result.ptr != part.data() + part.size()) {
      throw Error(
          ErrorCode::kInvalidModel,
          fmt::format("metadata '{}': '{}', expected numbers separated by commas", name, whole));
    }
    values.push_back(value);
    if (part.size() == text.size()) return values;
    text.remove_prefix(part.size() + 1);
  }
}

// Which entry of `params` element `i` of a tensor goes by.
class ChannelOf {
 public:
  ChannelOf(const Shape& shape, std::size_t entries) : entries_(entries) {
    if (entries == 1) return;
    const auto channels = channel_axis(shape, entries);
    if (!channels) {
      throw Error(ErrorCode::kInvalidData,
                  fmt::format("{} scales do not fit the shape {}", entries, to_string(shape)));
    }
    for (std::size_t axis = *channels + 1; axis < shape.size(); ++axis) {
      inner_ *= static_cast<std::size_t>(shape[axis]);
    }
  }
  std::size_t operator()(std::size_t i) const { return entries_ == 1 ? 0 : i / inner_ % entries_; }

 private:
  std::size_t entries_;
  std::size_t inner_ = 1;
};

}  // namespace

void set_io_params(onnx::ModelProto& model, std::string_view tensor, const IoParams& params) {
  set_property(model, key("scale", tensor), fmt::format("{}", fmt::join(params.scale, ",")));
  set_property(model, key("zero_point", tensor),
               fmt::format("{}", fmt::join(params.zero_point, ",")));
}

std::optional<IoParams> io_params(const Model& model, std::string_view tensor) {
  const std::string scale_key = key("scale", tensor);
  const std::string zero_key = key("zero_point", tensor);
  const auto scale = property(model.proto(), scale_key);
  const auto zero_point = property(model.proto(), zero_key);
  if (!scale || !zero_point) return std::nullopt;
  IoParams params{numbers(*scale, scale_key), numbers(*zero_point, zero_key)};
  if (params.scale.size() == params.zero_point.size()) return params;
  throw Error(ErrorCode::kInvalidModel,
              fmt::format("metadata '{}' has {} numbers and '{}' has {}", scale_key,
                          params.scale.size(), zero_key, params.zero_point.size()));
}

std::optional<std::size_t> channel_axis(const Shape& shape, std::size_t channels) {
  const auto has = [&](std::size_t axis) {
    return axis < shape.size() && shape[axis] == static_cast<std::int64_t>(channels);
  };
  if (has(kFirstChoice)) return kFirstChoice;
  if (!shape.empty() && has(shape.size() - 1)) return shape.size() - 1;
  return std::nullopt;
}

Tensor to_codes(const Tensor& values, DType dtype, const IoParams& params) {
  Tensor codes(dtype, values.shape());
  const DTypeTraits& type = traits(dtype);
  const ChannelOf channel(values.shape(), params.scale.size());
  const auto numbers = values.as<float>();
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const std::size_t c = channel(i);
    // In float32 as QuantizeLinear divides, so that the codes are those that it would make.
    const float scaled = numbers[i] / static_cast<float>(params.scale[c]);
    const bool whole = params.zero_point[c] == std::nearbyint(params.zero_point[c]);
    const double code = whole ? std::nearbyint(scaled) + params.zero_point[c]
                              : std::nearbyint(scaled + params.zero_point[c]);
    type.encode(codes.mutable_bytes().data(), i, code);
  }
  return codes;
}

Tensor to_values(const Tensor& codes, const IoParams& params) {
  Tensor values(DType::kFloat32, codes.shape());
  const ChannelOf channel(codes.shape(), params.scale.size());
  const auto numbers = values.mutable_as<float>();
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const std::size_t c = channel(i);
    numbers[i] = static_cast<float>(codes.at(i) - params.zero_point[c]) *
                 static_cast<float>(params.scale[c]);
  }
  return values;
}

std::vector<TensorInfo> inputs_in_numbers(const Model& model) {
  std::vector<TensorInfo> inputs = model.inputs();
  for (TensorInfo& input : inputs) {
    if (io_params(model, input.name)) input.dtype = DType::kFloat32;
  }
  return inputs;
}

}  // namespace octavo
