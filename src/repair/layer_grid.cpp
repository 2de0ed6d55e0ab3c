#include "repair/layer_grid.h"

#include "core/channel_layout.h"

namespace octavo {

std::vector<std::size_t> scale_entries(const Shape& shape, const QuantParams& params) {
  const ChannelLayout layout = channel_layout(shape, params);
  std::vector<std::size_t> entries;
  entries.reserve(element_count(shape));
  for (std::size_t outer = 0; outer < layout.outer; ++outer) {
    for (std::size_t channel = 0; channel < layout.channels; ++channel) {
      for (std::size_t offset = 0; offset < layout.inner; ++offset) {
        entries.push_back(layout.block == 0
                              ? channel
                              : (outer * layout.blocks() + channel / layout.block) * layout.inner +
                                    offset);
      }
    }
  }
  return entries;
}

LayerGrid::LayerGrid(const LinearNode& layer, const QuantParams& params)
    : params_(params),
      codes_(code_range(params.scheme)),
      shape_(layer.weights.shape()),
      elements_(layer.weights.size()),
      entries_(scale_entries(layer.weights.shape(), params)) {
  const auto values = layer.weights.as<float>();
  const std::size_t rows = values.size() / layer.output_channels;
  weights_.resize(static_cast<Eigen::Index>(rows),
                  static_cast<Eigen::Index>(layer.output_channels));
  std::vector<std::size_t> filled(layer.output_channels, 0);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t channel = layer.output_layout.channel(i);
    const std::size_t row = filled[channel]++;
    weights_(static_cast<Eigen::Index>(row), static_cast<Eigen::Index>(channel)) =
        static_cast<double>(values[i]);
    elements_[channel * rows + row] = i;
  }
}

CodeSlot LayerGrid::slot(Eigen::Index row, Eigen::Index channel) const {
  const std::size_t index = entry(row, channel);
  return {{params_.scale[index], params_.zero_point[index]}, codes_};
}

Eigen::MatrixXd LayerGrid::nearest() const {
  Eigen::MatrixXd values(rows(), channels());
  for (Eigen::Index channel = 0; channel < channels(); ++channel) {
    for (Eigen::Index row = 0; row < rows(); ++row) {
      const CodeSlot codes = slot(row, channel);
      values(row, channel) = codes.real(codes.nearest(weights_(row, channel)));
    }
  }
  return values;
}

Tensor LayerGrid::tensor(const Eigen::MatrixXd& values) const {
  Tensor result(DType::kFloat32, shape_);
  const auto elements = result.mutable_as<float>();
  for (Eigen::Index channel = 0; channel < channels(); ++channel) {
    for (Eigen::Index row = 0; row < rows(); ++row) {
      elements[element(row, channel)] = static_cast<float>(values(row, channel));
    }
  }
  return result;
}

}  // namespace octavo
