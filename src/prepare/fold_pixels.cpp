#include "prepare/fold_pixels.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "model/attributes.h"
#include "model/check.h"
#include "model/graph.h"
#include "model/name_pool.h"
#include "model/tensor_proto.h"
#include "prepare/constants.h"
#include "prepare/graph_edits.h"
#include "prepare/linear_node.h"
#include "prepare/operator_match.h"

namespace octavo {
namespace {

constexpr double kHighestPixel = 255;
constexpr double kWhole = 1e-6;  // of a pixel: the mean was written in decimals
constexpr std::size_t kChannelAxis = 1;

// normalized = (pixel - zero_pixel - offset) * factor
struct Channel {
  double factor = 1;
  double offset = 0;
  double at_zero_pixel() const { return -factor * offset; }
};

struct PixelChannels {
  std::vector<Channel> channels;  // one, or one a channel
  double zero_pixel = 0;

  Channel of(std::size_t c) const { return channels.size() == 1 ? channels.front() : channels[c]; }
  bool are_shifted() const {
    return std::any_of(channels.begin(), channels.end(), [](auto c) { return c.offset != 0; });
  }
};

double entry(const std::vector<double>& values, std::size_t c) {
  return values.size() == 1 ? values.front() : values[c];
}

// The whole number nearest to the channels' mean, so that little is left for `offset`.
PixelChannels channels_of(const Normalization& steps) {
  PixelChannels pixels;
  const std::size_t count = std::max(steps.mean.size(), steps.standard_deviation.size());
  double sum = 0;
  for (std::size_t c = 0; c < count; ++c) sum += entry(steps.mean, c) * steps.divide;
  const double mean = sum / static_cast<double>(count);
  pixels.zero_pixel = std::clamp(std::nearbyint(mean), 0.0, kHighestPixel);
  for (std::size_t c = 0; c < count; ++c) {
    const double offset = entry(steps.mean, c) * steps.divide - pixels.zero_pixel;
    const double factor = steps.multiply / (steps.divide * entry(steps.standard_deviation, c));
    pixels.channels.push_back({factor, std::abs(offset) < kWhole ? 0 : offset});
  }
  return pixels;
}

// What the added channel holds: as large as keeps its weights within those of the others, and
// itself within the pixels.
double mask_value(const PixelChannels& pixels, std::size_t channels) {
  double sum = 0;
  for (std::size_t c = 0; c < channels; ++c) sum += std::abs(pixels.of(c).offset);
  const double wanted = std::max(std::ceil(sum), 1.0);
  const double above = kHighestPixel - pixels.zero_pixel;
  return above >= pixels.zero_pixel ? std::min(wanted, above)
                                    : -std::min(wanted, pixels.zero_pixel);
}

// From the last axis, where images that are not NCHW have them.
bool moves_channels_forward(const onnx::NodeProto& node) {
  if (!is_operator(node, "Transpose", 1)) return false;
  const auto order = ints_attribute(node, "perm");
  return order.size() > kChannelAxis &&
         order[kChannelAxis] == static_cast<std::int64_t>(order.size()) - 1;
}

class PixelFolder {
 public:
  PixelFolder(const Model& model, const Normalization& steps)
      : model_(model),
        graph_(model_.proto().graph()),
        names_(graph_.proto()),
        pixels_(channels_of(steps)) {}

  std::variant<FoldedPixels, NotFoldable> run() {
    if (std::string reason = plan(); !reason.empty()) return NotFoldable{std::move(reason)};
    std::string text = fmt::format("folded into {}", fmt::join(folded_, " and "));
    std::move(edits_).apply(model_);
    check_model(model_, "normalization of pixels folded");
    return FoldedPixels{std::move(model_), std::move(input_), static_cast<int>(pixels_.zero_pixel),
                        std::move(text)};
  }

 private:
  // Each of these returns the reason why not, or nothing.
  std::string plan() {
    for (const Channel& channel : pixels_.channels) {
      if (std::isfinite(channel.factor) && channel.factor != 0) continue;
      return "it divides by 0, or by what is no number";
    }
    if (std::string reason = find_input(); !reason.empty()) return reason;
    return fold_readers(input_, /*behind_transpose=*/false);
  }

  std::string find_input() {
    for (const onnx::ValueInfoProto& info : graph_.proto().input()) {
      const bool is_fed = !graph_.is_initializer(info.name());
      if (!is_fed || info.type().tensor_type().elem_type() != onnx::TensorProto::FLOAT) continue;
      if (!input_.empty()) return fmt::format("'{}' and '{}' are inputs", input_, info.name());
      input_ = info.name();
    }
    return input_.empty() ? "no input is float32" : "";
  }

  std::string fold_readers(const std::string& tensor, bool behind_transpose) {
    if (graph_.is_output(tensor) || graph_.used_in_subgraph(tensor)) {
      return fmt::format("'{}' is an output, or read in a body", tensor);
    }
    for (const Use& use : graph_.uses(tensor)) {
      const onnx::NodeProto& node = *use.node;
      std::string reason;
      if (is_operator(node, "Conv", 2) && use.input == 0) {
        reason = fold_into(node, tensor);
      } else if (!behind_transpose && moves_channels_forward(node)) {
        reason = fold_readers(node.output(0), /*behind_transpose=*/true);
      } else {
        reason = fmt::format("{} reads '{}', which is no convolution", describe(node), tensor);
      }
      if (!reason.empty()) return reason;
    }
    return "";
  }

  std::string fold_into(const onnx::NodeProto& conv, const std::string& tensor) {
    const auto found = as_linear_node(graph_, conv);
    if (const auto* refusal = std::get_if<NotLinear>(&found)) return refusal->reason;
    const LinearNode& linear = std::get<LinearNode>(found);
    const std::size_t given = pixels_.channels.size();
    if (given != 1 && given != linear.input_channels) {
      return fmt::format("{} takes {} channels, the normalization has {}", describe(conv),
                         linear.input_channels, given);
    }
    const bool masked = !pads_nothing(conv) && pixels_.are_shifted();
    if (masked && int_attribute(conv, "group", 1) != 1) {
      return fmt::format("{} pads, and has groups", describe(conv));
    }
    auto folded = masked ? fold_masked(linear, tensor) : fold_unpadded(linear);
    if (!folded) return fmt::format("the weights of {} leave their type's range", describe(conv));
    std::vector<onnx::NodeProto> nodes = std::move(added_);
    added_.clear();
    nodes.push_back(std::move(folded->node));
    for (onnx::TensorProto& stored : folded->initializers) {
      edits_.set_initializer(std::move(stored));
    }
    edits_.replace(conv, std::move(nodes));
    folded_.push_back(describe(conv) + (masked ? ", a channel added for its padding" : ""));
    return "";
  }

  ChannelAffine factors(const LinearNode& linear) const {
    ChannelAffine affine;
    for (std::size_t c = 0; c < linear.input_channels; ++c) {
      affine.input_scale.push_back(pixels_.of(c).factor);
    }
    return affine;
  }

  // What element `i` of the weights adds at a pixel that is zero_pixel.
  double at_zero_pixel(const LinearNode& linear, std::size_t i) const {
    return linear.weights.at(i) * pixels_.of(linear.input_layout.channel(i)).at_zero_pixel();
  }

  std::optional<FoldedLayer> fold_unpadded(const LinearNode& linear) {
    ChannelAffine affine = factors(linear);
    if (pixels_.are_shifted()) {
      std::vector<double> at_zero_pixel;
      for (std::size_t c = 0; c < linear.input_channels; ++c) {
        at_zero_pixel.push_back(pixels_.of(c).at_zero_pixel());
      }
      affine.shift = propagated(linear, at_zero_pixel);
    }
    return fold_affine(graph_, linear, affine, names_);
  }

  std::optional<FoldedLayer> fold_masked(const LinearNode& linear, const std::string& tensor) {
    auto folded = fold_affine(graph_, linear, factors(linear), names_);
    if (!folded) return std::nullopt;
    onnx::TensorProto& stored = folded->initializers.front();
    const double mask = mask_value(pixels_, linear.input_channels);
    const auto weights = with_mask_weights(linear, to_doubles(tensor_from_proto(stored)), mask);
    if (!weights) return std::nullopt;
    stored = tensor_to_proto(*weights, stored.name());
    folded->node.set_input(0, masked_image(tensor, linear.weights.shape().size(), mask));
    return folded;
  }

  // [M, C, ...] with one more of C.
  std::optional<Tensor> with_mask_weights(const LinearNode& linear,
                                          const std::vector<double>& weights, double mask) const {
    const std::size_t kernel = linear.input_layout.stride;
    const std::size_t filter = kernel * linear.input_channels;
    std::vector<double> values;
    for (std::size_t m = 0; m < linear.output_channels; ++m) {
      const auto first = weights.begin() + static_cast<std::ptrdiff_t>(m * filter);
      values.insert(values.end(), first, first + static_cast<std::ptrdiff_t>(filter));
      std::vector<double> added(kernel);
      for (std::size_t i = 0; i < filter; ++i) {
        added[i % kernel] += at_zero_pixel(linear, m * filter + i) / mask;
      }
      values.insert(values.end(), added.begin(), added.end());
    }
    Shape shape = linear.weights.shape();
    ++shape[kChannelAxis];
    return from_doubles(linear.weights.dtype(), shape, values);
  }

  // `tensor` with one more channel, one Pad for all that read it.
  std::string masked_image(const std::string& tensor, std::size_t rank, double mask) {
    const auto known = std::find_if(masked_.begin(), masked_.end(),
                                    [&](const auto& entry) { return entry.first == tensor; });
    if (known != masked_.end()) return known->second;
    std::vector<std::int64_t> pads(2 * rank);
    pads[rank + kChannelAxis] = 1;
    onnx::NodeProto pad;
    pad.set_op_type("Pad");
    pad.set_name(names_.take(tensor + "/Pad"));
    pad.add_input(tensor);
    pad.add_input(store(Tensor::of<std::int64_t>({static_cast<std::int64_t>(pads.size())}, pads),
                        tensor + "_pads"));
    pad.add_input(store(scalar_tensor(DType::kFloat32, mask), tensor + "_pad_value"));
    pad.add_output(names_.take(tensor + "_masked"));
    added_.push_back(pad);
    return masked_.emplace_back(tensor, pad.output(0)).second;
  }

  std::string store(const Tensor& values, const std::string& wanted) {
    std::string name = names_.take(wanted);
    edits_.set_initializer(tensor_to_proto(values, name));
    return name;
  }

  Model model_;
  Graph graph_;
  NamePool names_;
  PixelChannels pixels_;
  std::string input_;
  GraphEdits edits_;
  std::vector<onnx::NodeProto> added_;                       // to stand before the next convolution
  std::vector<std::pair<std::string, std::string>> masked_;  // tensor, the same with the channel
  std::vector<std::string> folded_;
};

}  // namespace

std::variant<FoldedPixels, NotFoldable> fold_pixels(const Model& model,
                                                    const Normalization& normalization) {
  return PixelFolder(model, normalization).run();
}

}  // namespace octavo
