#include "train/fake_quantize.h"

#include <ATen/Parallel.h>

#include "core/kernels/simd_kernels.h"
#include "train/fake_quantize_kernel.h"

namespace octavo {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// Elements that a thread takes at a time.
constexpr std::int64_t kGrain = 1 << 15;

// How a contiguous tensor divides into runs of one scale.
struct Runs {
  std::int64_t count = 1;
  std::int64_t length = 0;
};

Runs runs_of(const at::Tensor& x, int axis) {
  Runs runs{1, x.numel()};
  if (axis < 0) return runs;
  runs.count = 1;
  for (std::int64_t i = 0; i <= axis; ++i) runs.count *= x.size(i);
  runs.length = runs.count == 0 ? 0 : x.numel() / runs.count;
  return runs;
}

std::span<const float> floats(const at::Tensor& tensor) {
  return {tensor.const_data_ptr<float>(), static_cast<std::size_t>(tensor.numel())};
}

std::span<float> mutable_floats(at::Tensor& tensor) {
  return {tensor.data_ptr<float>(), static_cast<std::size_t>(tensor.numel())};
}

struct ChannelParams {
  at::Tensor scale;
  at::Tensor zero_point;

  ScaleZeroPoint at_run(std::int64_t run) const {
    const std::int64_t channel = run % scale.numel();
    return {scale.const_data_ptr<float>()[channel],
            static_cast<std::int32_t>(zero_point.const_data_ptr<float>()[channel])};
  }
};

// A part of a run that one thread works on; each has a place of its own for its sums, so that they
// add up in the same order whatever the threads.
struct Piece {
  std::int64_t place = 0;
  std::int64_t run = 0;
  std::size_t first = 0;
  std::size_t count = 0;
};

std::int64_t pieces(const Runs& runs) {
  return runs.count > 1 ? runs.count : (runs.length + kGrain - 1) / kGrain;
}

template <typename Work>
void for_each_piece(const Runs& runs, Work work) {
  const bool whole_runs = runs.count > 1;
  const std::int64_t length = whole_runs ? runs.length : kGrain;
  const std::int64_t grain = std::max<std::int64_t>(kGrain / std::max<std::int64_t>(length, 1), 1);
  at::parallel_for(0, pieces(runs), grain, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t place = begin; place < end; ++place) {
      const std::int64_t first = place * length;
      const std::int64_t count = whole_runs ? length : std::min(length, runs.length - first);
      work(Piece{place, whole_runs ? place : 0, static_cast<std::size_t>(first),
                 static_cast<std::size_t>(count)});
    }
  });
}

at::Tensor forward_here(const at::Tensor& x, const ChannelParams& params,
                        const FakeQuantizeForm& form) {
  at::Tensor result = at::empty_like(x, at::MemoryFormat::Contiguous);
  const auto source = floats(x);
  const auto target = mutable_floats(result);
  for_each_piece(runs_of(x, form.axis), [&](const Piece& piece) {
    const ScaleZeroPoint entry = params.at_run(piece.run);
    simd::fake_quantize(source.subspan(piece.first, piece.count),
                        {{&entry.scale, 1}, {&entry.zero_point, 1}}, form.codes,
                        target.subspan(piece.first, piece.count));
  });
  return result;
}

struct Gradients {
  at::Tensor x;
  at::Tensor scale;
  at::Tensor offset;
};

Gradients backward_here(const at::Tensor& x, const at::Tensor& gradient,
                        const ChannelParams& params, const FakeQuantizeForm& form) {
  Gradients result{at::empty_like(x), at::zeros(params.scale.sizes()),
                   at::zeros(params.scale.sizes())};
  const Runs runs = runs_of(x, form.axis);
  std::vector<ParameterGradients> sums(static_cast<std::size_t>(pieces(runs)));
  const auto target = mutable_floats(result.x);
  for_each_piece(runs, [&](const Piece& piece) {
    sums[static_cast<std::size_t>(piece.place)] = fake_quantize_gradients(
        floats(x).subspan(piece.first, piece.count),
        floats(gradient).subspan(piece.first, piece.count), params.at_run(piece.run), form.codes,
        target.subspan(piece.first, piece.count));
  });
  std::vector<ParameterGradients> totals(static_cast<std::size_t>(params.scale.numel()));
  for (std::size_t place = 0; place < sums.size(); ++place) {
    ParameterGradients& total = totals[place % totals.size()];
    total.scale += sums[place].scale;
    total.offset += sums[place].offset;
  }
  for (std::size_t channel = 0; channel < totals.size(); ++channel) {
    result.scale.data_ptr<float>()[channel] =
        static_cast<float>(totals[channel].scale * form.scale_gradient);
    result.offset.data_ptr<float>()[channel] =
        static_cast<float>(totals[channel].offset * form.scale_gradient);
  }
  return result;
}

// The same in libtorch's own operations, for other devices.
struct Scaled {
  at::Tensor scaled;
  at::Tensor codes;  // from the zero point
  at::Tensor saturated;
};

at::Tensor along_axis(const at::Tensor& entries, const at::Tensor& x, int axis) {
  if (axis < 0) return entries.reshape({});
  std::vector<std::int64_t> shape(static_cast<std::size_t>(x.dim()), 1);
  shape[static_cast<std::size_t>(axis)] = -1;
  return entries.reshape(shape);
}

Scaled scale_there(const at::Tensor& x, const ChannelParams& params, const FakeQuantizeForm& form) {
  const at::Tensor zero_point = along_axis(params.zero_point, x, form.axis);
  const at::Tensor scaled = x / along_axis(params.scale, x, form.axis);
  const at::Tensor rounded = at::round(scaled);
  const at::Tensor codes =
      at::clamp(rounded + zero_point, form.codes.min, form.codes.max) - zero_point;
  return {scaled, codes, codes != rounded};
}

at::Tensor forward_there(const at::Tensor& x, const ChannelParams& params,
                         const FakeQuantizeForm& form) {
  return scale_there(x, params, form).codes * along_axis(params.scale, x, form.axis);
}

at::Tensor summed(const at::Tensor& values, int axis, const at::Tensor& like) {
  if (axis < 0) return values.sum().reshape(like.sizes());
  std::vector<std::int64_t> axes;
  for (std::int64_t i = 0; i < values.dim(); ++i) {
    if (i != axis) axes.push_back(i);
  }
  return (axes.empty() ? values : values.sum(axes)).reshape(like.sizes());
}

Gradients backward_there(const at::Tensor& x, const at::Tensor& gradient,
                         const ChannelParams& params, const FakeQuantizeForm& form) {
  const auto [scaled, codes, saturated] = scale_there(x, params, form);
  const at::Tensor passed = gradient.masked_fill(saturated, 0);
  const at::Tensor of_scale = gradient * codes - (passed * scaled).masked_fill(saturated, 0);
  return {passed, summed(of_scale, form.axis, params.scale) * form.scale_gradient,
          summed(gradient - passed, form.axis, params.scale) * form.scale_gradient};
}

class FakeQuantize : public torch::autograd::Function<FakeQuantize> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& scale,
                            const at::Tensor& zero_point, const at::Tensor&, std::int64_t lowest,
                            std::int64_t highest, std::int64_t axis, double scale_gradient,
                            bool has_offset) {
    const FakeQuantizeForm form = form_of(lowest, highest, axis, scale_gradient);
    const at::Tensor values = x.contiguous();
    context->save_for_backward({values, scale, zero_point});
    context->saved_data["lowest"] = lowest;
    context->saved_data["highest"] = highest;
    context->saved_data["axis"] = axis;
    context->saved_data["scale_gradient"] = scale_gradient;
    context->saved_data["has_offset"] = has_offset;
    return values.is_cpu() ? forward_here(values, {scale, zero_point}, form)
                           : forward_there(values, {scale, zero_point}, form);
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    auto& data = context->saved_data;
    const FakeQuantizeForm form = form_of(data["lowest"].toInt(), data["highest"].toInt(),
                                          data["axis"].toInt(), data["scale_gradient"].toDouble());
    const ChannelParams params{saved[1], saved[2]};
    const at::Tensor gradient = gradients[0].contiguous();
    const Gradients result = saved[0].is_cpu() ? backward_here(saved[0], gradient, params, form)
                                               : backward_there(saved[0], gradient, params, form);
    const at::Tensor none;
    return {result.x, result.scale, none, data["has_offset"].toBool() ? result.offset : none,
            none,     none,         none, none,
            none};
  }

 private:
  static FakeQuantizeForm form_of(std::int64_t lowest, std::int64_t highest, std::int64_t axis,
                                  double scale_gradient) {
    return {{static_cast<std::int32_t>(lowest), static_cast<std::int32_t>(highest)},
            static_cast<int>(axis),
            scale_gradient};
  }
};

class StraightThrough : public torch::autograd::Function<StraightThrough> {
 public:
  static at::Tensor forward(AutogradContext*, const at::Tensor& value, const at::Tensor&) {
    return value.clone();
  }
  static variable_list backward(AutogradContext*, const variable_list& gradients) {
    return {at::Tensor(), gradients[0]};
  }
};

}  // namespace

at::Tensor fake_quantize(const at::Tensor& x, const at::Tensor& scale, const at::Tensor& zero_point,
                         const at::Tensor& offset, const FakeQuantizeForm& form) {
  // Under autocast `x` may come in fewer bits than rounding to codes needs.
  const at::Tensor values = x.to(at::kFloat);
  // Autograd takes no undefined tensor: the zero point stands in for the offset, and gets nothing.
  return FakeQuantize::apply(values, scale, zero_point, offset.defined() ? offset : zero_point,
                             std::int64_t{form.codes.min}, std::int64_t{form.codes.max},
                             std::int64_t{form.axis}, form.scale_gradient, offset.defined());
}

at::Tensor straight_through(const at::Tensor& value, const at::Tensor& source) {
  return StraightThrough::apply(value.detach(), source);
}

at::Tensor round_straight_through(const at::Tensor& x) { return straight_through(at::round(x), x); }

}  // namespace octavo
