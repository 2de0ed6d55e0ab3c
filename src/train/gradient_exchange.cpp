#include "train/gradient_exchange.h"

#include <torch/csrc/autograd/function_hook.h>

#include <algorithm>
#include <deque>
#include <numeric>
#include <span>
#include <utility>

namespace octavo {
namespace {

// Large enough that the network's delay matters little, small enough that the first is full early.
constexpr std::int64_t kBucketElements = 1 << 20;
// Small models have several buckets too.
constexpr std::int64_t kFewestBuckets = 4;

struct Bucket {
  std::vector<std::size_t> parameters;
  at::Tensor values;        // their gradients side by side, where MPI reads them: on the processor
  std::size_t missing = 0;  // gradients of this step that are not there yet
};

std::span<float> floats(const at::Tensor& tensor) {
  return {tensor.data_ptr<float>(), static_cast<std::size_t>(tensor.numel())};
}

}  // namespace

struct GradientExchange::State {
  State(const std::vector<Parameter>& all, const Ranks& of) : parameters(all), ranks(of) {}

  // --- while the backward pass runs ---

  void gradient_is_there(std::size_t parameter) {
    if (!active) return;
    if (buckets.empty()) {
      order.push_back(parameter);
      return;
    }
    for (Ranks::PendingSum& sum : sums) sum.poll();
    --buckets[bucket_of[parameter]].missing;
    begin_full_ones();
  }

  // In order: all ranks must begin the same sums one after the other.
  void begin_full_ones() {
    while (sums.size() < buckets.size() && buckets[sums.size()].missing == 0) begin_next();
  }

  void begin_next() {
    Bucket& bucket = buckets[sums.size()];
    std::int64_t place = 0;
    for (const std::size_t index : bucket.parameters) {
      const at::Tensor& value = parameters[index].value;
      at::Tensor part = bucket.values.narrow(0, place, value.numel());
      if (value.grad().defined()) {
        part.copy_(value.grad().reshape({-1}));
      } else {
        part.zero_();
      }
      place += value.numel();
    }
    sums.push_back(ranks.begin_sum(floats(bucket.values)));
  }

  // --- after it ---

  // The first rank always has samples: its order is everybody's.
  std::vector<std::size_t> common_order() const {
    std::vector<float> places(parameters.size(), 0);
    if (ranks.is_first()) {
      for (std::size_t i = 0; i < order.size(); ++i) places[order[i]] = static_cast<float>(i + 1);
    }
    ranks.begin_sum(places).wait();
    std::vector<std::size_t> common;
    for (std::size_t i = 0; i < places.size(); ++i) {
      if (places[i] > 0) common.push_back(i);
    }
    std::sort(common.begin(), common.end(),
              [&](std::size_t a, std::size_t b) { return places[a] < places[b]; });
    return common;
  }

  void make_buckets() {
    const std::vector<std::size_t> common = common_order();
    const auto size_of = [&](std::size_t index) { return parameters[index].value.numel(); };
    const std::int64_t total =
        std::accumulate(common.begin(), common.end(), std::int64_t{0},
                        [&](std::int64_t sum, std::size_t index) { return sum + size_of(index); });
    const std::int64_t most = std::min(kBucketElements, total / kFewestBuckets + 1);
    bucket_of.resize(parameters.size());
    std::int64_t elements = most;
    for (const std::size_t index : common) {
      if (elements >= most) {
        buckets.emplace_back();
        elements = 0;
      }
      elements += size_of(index);
      buckets.back().parameters.push_back(index);
      bucket_of[index] = buckets.size() - 1;
    }
    for (Bucket& bucket : buckets) {
      std::int64_t length = 0;
      for (const std::size_t index : bucket.parameters) length += size_of(index);
      bucket.values = at::zeros({length}, at::kFloat);
    }
  }

  void take_back(const Bucket& bucket) {
    std::int64_t place = 0;
    for (const std::size_t index : bucket.parameters) {
      at::Tensor value = parameters[index].value;
      const at::Tensor part = bucket.values.narrow(0, place, value.numel()).view(value.sizes());
      if (value.grad().defined()) {
        value.mutable_grad().copy_(part);
      } else {
        value.mutable_grad() = part.to(value.device(), /*non_blocking=*/false, /*copy=*/true);
      }
      place += value.numel();
    }
  }

  std::vector<Parameter> parameters;
  const Ranks& ranks;
  bool active = false;
  std::vector<std::size_t> order;  // of the first step
  std::vector<Bucket> buckets;
  std::vector<std::size_t> bucket_of;  // by parameter
  std::deque<Ranks::PendingSum> sums;  // of this step, one a bucket
  std::size_t begun_early = 0;
};

class GradientExchange::Hook : public torch::autograd::PostAccumulateGradHook {
 public:
  Hook(State& state, std::size_t parameter) : state_(state), parameter_(parameter) {}
  void operator()(const at::Tensor&) override { state_.gradient_is_there(parameter_); }

 private:
  State& state_;
  std::size_t parameter_;
};

GradientExchange::GradientExchange(const std::vector<Parameter>& parameters, const Ranks& ranks)
    : state_(std::make_unique<State>(parameters, ranks)) {
  if (ranks.size() == 1) return;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (!parameters[i].value.requires_grad()) continue;
    torch::autograd::impl::set_post_acc_grad_hooks(parameters[i].value,
                                                   std::make_unique<Hook>(*state_, i));
  }
}

// The parameters may live longer than what their hooks speak to.
GradientExchange::~GradientExchange() {
  if (state_->ranks.size() == 1) return;
  for (const Parameter& parameter : state_->parameters) {
    if (!parameter.value.requires_grad()) continue;
    torch::autograd::impl::set_post_acc_grad_hooks(parameter.value, nullptr);
  }
}

void GradientExchange::begin() {
  if (state_->ranks.size() == 1) return;
  state_->active = true;
  for (Bucket& bucket : state_->buckets) bucket.missing = bucket.parameters.size();
}

void GradientExchange::finish() {
  State& state = *state_;
  if (state.ranks.size() == 1) return;
  const at::NoGradGuard no_gradients;
  // The last bucket is full when the last gradient is there, which is no more early.
  state.begun_early =
      std::min(state.sums.size(), std::max<std::size_t>(state.buckets.size(), 1) - 1);
  state.active = false;
  if (state.buckets.empty()) state.make_buckets();
  while (state.sums.size() < state.buckets.size()) state.begin_next();
  for (std::size_t i = 0; i < state.buckets.size(); ++i) {
    state.sums[i].wait();
    state.take_back(state.buckets[i]);
  }
  state.sums.clear();
}

ExchangeFigures GradientExchange::figures() const {
  return {state_->buckets.size(), state_->begun_early};
}

}  // namespace octavo
