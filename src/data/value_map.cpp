#include "data/value_map.h"

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <cstdint>

#include "octavo/error.h"

namespace octavo {
namespace {

struct ChannelSteps {
  float divide;
  float mean;
  float standard_deviation;
  float multiply;

  float operator()(float x) const { return (x / divide - mean) / standard_deviation * multiply; }
};

float of_channel(const std::vector<double>& values, std::size_t channel) {
  return static_cast<float>(values.size() == 1 ? values[0] : values[channel]);
}

void check_channels(const std::vector<double>& values, std::size_t channels, std::string_view what,
                    std::string_view context) {
  if (values.size() == 1 || values.size() == channels) return;
  throw Error(ErrorCode::kInvalidData,
              fmt::format("{}: {} has {} values, expected 1 or one for each of {} channels",
                          context, what, values.size(), channels));
}

std::vector<ChannelSteps> for_channels(const ValueSteps& steps, std::size_t channels) {
  std::vector<ChannelSteps> result;
  result.reserve(channels);
  for (std::size_t c = 0; c < channels; ++c) {
    result.push_back({static_cast<float>(steps.divide), of_channel(steps.mean, c),
                      of_channel(steps.standard_deviation, c), static_cast<float>(steps.multiply)});
  }
  return result;
}

// 8-bit types have 256 values: each is computed once a channel, not once an element.
Tensor map_bytes(const Tensor& stored, const std::vector<ChannelSteps>& steps) {
  const auto decode = traits(stored.dtype()).decode;
  std::vector<std::array<float, 256>> tables(steps.size());
  for (std::size_t c = 0; c < steps.size(); ++c) {
    for (int code = 0; code < 256; ++code) {
      const auto byte = static_cast<std::byte>(code);
      tables[c][code] = steps[c](static_cast<float>(decode(&byte, 0)));
    }
  }
  Tensor result(DType::kFloat32, stored.shape());
  const auto values = result.mutable_as<float>();
  const auto bytes = stored.bytes();
  for (std::size_t i = 0; i < values.size();) {
    for (std::size_t c = 0; c < steps.size(); ++c, ++i) {
      values[i] = tables[c][std::to_integer<std::size_t>(bytes[i])];
    }
  }
  return result;
}

Tensor map_floats(Tensor stored, const std::vector<ChannelSteps>& steps) {
  const auto values = stored.mutable_as<float>();
  for (std::size_t i = 0; i < values.size();) {
    for (std::size_t c = 0; c < steps.size(); ++c, ++i) values[i] = steps[c](values[i]);
  }
  return stored;
}

}  // namespace

Tensor map_values(Tensor stored, const ValueSteps& steps, std::string_view context) {
  if (steps == ValueSteps() || stored.size() == 0) return stored;
  const Shape& shape = stored.shape();
  const std::size_t channels = shape.empty() ? 1 : static_cast<std::size_t>(shape.back());
  check_channels(steps.mean, channels, "mean", context);
  check_channels(steps.standard_deviation, channels, "std", context);
  const bool one_for_all = steps.mean.size() == 1 && steps.standard_deviation.size() == 1;
  const auto channel_steps = for_channels(steps, one_for_all ? 1 : channels);
  const DTypeTraits& type = traits(stored.dtype());
  if (type.bits == 8 && type.is_integer()) return map_bytes(stored, channel_steps);
  return map_floats(stored.to_float32(), channel_steps);
}

}  // namespace octavo
