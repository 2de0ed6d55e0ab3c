#include "octavo/statistics.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "calibration/channel_statistics.h"
#include "calibration/tensor_statistics.h"
#include "octavo/error.h"

namespace octavo {

struct Statistics::Impl {
  std::map<std::string, TensorStatistics, std::less<>> tensors;
  std::map<std::string, ChannelStatistics, std::less<>> channels;
  std::vector<SampleInterval> samples;
  std::uint64_t model_fingerprint = 0;
};

namespace {

bool same_tensors(const Statistics& a, const Statistics& b) {
  return std::equal(a.tensors().begin(), a.tensors().end(), b.tensors().begin(), b.tensors().end(),
                    [](const auto& x, const auto& y) { return x.first == y.first; });
}

bool same_channels(const Statistics& a, const Statistics& b) {
  return std::equal(
      a.channels().begin(), a.channels().end(), b.channels().begin(), b.channels().end(),
      [](const auto& x, const auto& y) { return x.first == y.first && x.second.fits(y.second); });
}

[[noreturn]] void refuse_merge(std::string_view why) {
  throw Error(ErrorCode::kInvalidArgument, fmt::format("cannot merge statistics: {}", why));
}

}  // namespace

Statistics::Statistics() : impl_(std::make_unique<Impl>()) {}
Statistics::Statistics(const Statistics& other) : impl_(std::make_unique<Impl>(*other.impl_)) {}
Statistics::Statistics(Statistics&&) noexcept = default;
Statistics& Statistics::operator=(const Statistics& other) {
  if (this != &other) *impl_ = *other.impl_;
  return *this;
}
Statistics& Statistics::operator=(Statistics&&) noexcept = default;
Statistics::~Statistics() = default;

const TensorStatistics& Statistics::at(std::string_view tensor) const {
  const auto found = impl_->tensors.find(tensor);
  if (found == impl_->tensors.end()) {
    throw Error(ErrorCode::kNotFound,
                fmt::format("the statistics hold nothing of tensor '{}': they were made of another "
                            "model or for another target",
                            tensor));
  }
  return found->second;
}

bool Statistics::contains(std::string_view tensor) const { return impl_->tensors.contains(tensor); }

std::map<std::string, TensorStatistics, std::less<>>& Statistics::tensors() {
  return impl_->tensors;
}

const std::map<std::string, TensorStatistics, std::less<>>& Statistics::tensors() const {
  return impl_->tensors;
}

std::map<std::string, ChannelStatistics, std::less<>>& Statistics::channels() {
  return impl_->channels;
}

const std::map<std::string, ChannelStatistics, std::less<>>& Statistics::channels() const {
  return impl_->channels;
}

std::span<const SampleInterval> Statistics::samples() const { return impl_->samples; }

std::uint64_t Statistics::sample_count() const {
  std::uint64_t count = 0;
  for (const SampleInterval& interval : impl_->samples) count += interval.last - interval.first;
  return count;
}

void Statistics::add_samples(SampleInterval added) {
  if (added.first >= added.last) {
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("samples {} to {}: expected at least one", added.first, added.last));
  }
  auto& all = impl_->samples;
  auto next = std::find_if(all.begin(), all.end(),
                           [&](const SampleInterval& known) { return known.last > added.first; });
  if (next != all.end() && next->first < added.last) {
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("sample {} is in the statistics already and would count twice",
                            std::max(next->first, added.first)));
  }
  // Neighbours become one, so that the order of additions leaves no trace.
  if (next != all.end() && next->first == added.last) {
    added.last = next->last;
    next = all.erase(next);
  }
  if (next != all.begin() && std::prev(next)->last == added.first) {
    std::prev(next)->last = added.last;
    return;
  }
  all.insert(next, added);
}

std::uint64_t Statistics::model_fingerprint() const { return impl_->model_fingerprint; }

void Statistics::set_model_fingerprint(std::uint64_t fingerprint) {
  impl_->model_fingerprint = fingerprint;
}

void merge(Statistics& into, const Statistics& from) {
  const bool empty = into.tensors().empty();
  if (!empty && !same_tensors(into, from)) {
    refuse_merge("they are of different tensors, so not of one model and target");
  }
  if (!empty && into.model_fingerprint() != from.model_fingerprint()) {
    refuse_merge("they were made of different models");
  }
  if (!empty && !same_channels(into, from)) {
    refuse_merge("they keep the channels of different tensors, or other channels");
  }
  Statistics samples;  // of both; throws before anything is changed
  for (const SampleInterval& interval : into.samples()) samples.add_samples(interval);
  for (const SampleInterval& interval : from.samples()) samples.add_samples(interval);
  for (const SampleInterval& interval : from.samples()) into.add_samples(interval);
  into.set_model_fingerprint(from.model_fingerprint());
  for (const auto& [name, statistics] : from.tensors()) into.tensors()[name].merge(statistics);
  for (const auto& [name, channels] : from.channels()) into.channels()[name].merge(channels);
}

}  // namespace octavo
