#include "octavo/statistics.h"

#include <fmt/format.h>

#include <utility>

#include "calibration/tensor_statistics.h"
#include "octavo/error.h"

namespace octavo {

struct Statistics::Impl {
  std::map<std::string, TensorStatistics, std::less<>> tensors;
};

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

void merge(Statistics& into, const Statistics& from) {
  const auto& source = from.tensors();
  auto& target = into.tensors();
  const bool same =
      target.empty() || std::equal(target.begin(), target.end(), source.begin(), source.end(),
                                   [](const auto& a, const auto& b) { return a.first == b.first; });
  if (!same) {
    throw Error(ErrorCode::kInvalidArgument,
                "the statistics are of different tensors: not of one model and target");
  }
  for (const auto& [name, statistics] : source) target[name].merge(statistics);
}

}  // namespace octavo
