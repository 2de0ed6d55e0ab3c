// Calibration: what is remembered of every activation, and how a range comes out of it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "octavo/dataset.h"
#include "octavo/executor.h"
#include "octavo/export.h"
#include "octavo/model.h"
#include "octavo/quantization.h"

namespace octavo {

class TensorStatistics;   // src/calibration/tensor_statistics.h
class ChannelStatistics;  // src/calibration/channel_statistics.h

// Samples [first, last) of a dataset.
struct SampleInterval {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  bool operator==(const SampleInterval&) const = default;
};

// One mergeable summary a tensor, by tensor name. A value with an exact, order-free merge: any
// split of the samples, in any order, on any number of threads, gives the same bytes.
class OCTAVO_API Statistics {
 public:
  Statistics();
  Statistics(const Statistics&);
  Statistics(Statistics&&) noexcept;
  Statistics& operator=(const Statistics&);
  Statistics& operator=(Statistics&&) noexcept;
  ~Statistics();

  // Throws Error(kNotFound), naming the tensor, if it was not observed.
  const TensorStatistics& at(std::string_view tensor) const;
  bool contains(std::string_view tensor) const;
  std::map<std::string, TensorStatistics, std::less<>>& tensors();
  const std::map<std::string, TensorStatistics, std::less<>>& tensors() const;
  // The same a channel, of those tensors for which CalibrationOptions asked for it.
  std::map<std::string, ChannelStatistics, std::less<>>& channels();
  const std::map<std::string, ChannelStatistics, std::less<>>& channels() const;

  // The samples that went in: ascending, apart from each other.
  std::span<const SampleInterval> samples() const;
  std::uint64_t sample_count() const;
  // Throws Error(kInvalidArgument), naming the sample, if one of them went in before.
  void add_samples(SampleInterval samples);

  // fingerprint() of the model that was observed; 0: unknown.
  std::uint64_t model_fingerprint() const;
  void set_model_fingerprint(std::uint64_t fingerprint);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// A hash of the model's graph, weights included: equal models have equal ones. Never 0.
OCTAVO_API std::uint64_t fingerprint(const Model& model);

OCTAVO_API Statistics read_statistics(const std::filesystem::path& path);
OCTAVO_API void write_statistics(const Statistics& statistics, const std::filesystem::path& path);
// The content of such a file, for other ways to carry it. `name` is what errors call it.
OCTAVO_API std::string to_bytes(const Statistics& statistics);
OCTAVO_API Statistics statistics_from_bytes(std::string_view bytes, const std::string& name);
// Adds `from` to `into`, or throws Error(kInvalidArgument) and changes nothing: made of different
// models, of different tensors, or with a sample in common, which would count twice.
OCTAVO_API void merge(Statistics& into, const Statistics& from);

// A tensor to keep statistics of channel by channel, besides those of the whole.
struct ChannelRequest {
  std::string tensor;
  // Of the channels; may count from the end. None: 1 for rank 4 and 5, the last one otherwise.
  std::optional<int> axis;
};

struct CalibrationOptions {
  int threads = 1;
  std::size_t first = 0;        // samples [first, last) of the dataset
  std::size_t last = SIZE_MAX;  // clipped to the dataset's size
  std::function<void(std::size_t done, std::size_t total)> progress;  // may be empty
  // Asked before each sample, from any of the threads; true ends the calibration early, with the
  // statistics of the samples so far: always the first ones, so that a later call can go on from
  // Statistics::samples(). May be empty.
  std::function<bool()> cancelled = {};
  // Each costs as much memory a channel as a tensor does: ask for those that matter.
  std::vector<ChannelRequest> per_channel = {};
};

// Runs `model` on the samples and observes the named float tensors (inner ones, inputs, outputs).
// Throws Error(kInvalidData) on an empty dataset, and for a tensor that has no such channels;
// Error(kNotFound) for a request of a tensor that is not among `tensors`.
OCTAVO_API Statistics calibrate(const Model& model, std::span<const std::string> tensors,
                                const Dataset& dataset, const Executor& executor,
                                const CalibrationOptions& options);

// Which calibrator, with its parameter, as users write it: "min-max", "percentile:99.99".
struct CalibratorSpec {
  std::string name = "min-max";
  std::vector<double> parameters;  // empty: the calibrator's defaults
  bool operator==(const CalibratorSpec&) const = default;
};
// Throws Error(kInvalidArgument), naming the known ones, for an unknown name or a bad parameter.
OCTAVO_API CalibratorSpec parse_calibrator(std::string_view text);
OCTAVO_API std::string to_string(const CalibratorSpec& spec);

// A calibrator's answer. `chosen` differs from the spec for "auto".
struct CalibratedRange {
  Range range;
  CalibratorSpec chosen;
};
// A pure function of its arguments. No finite value seen: {0, 0}.
OCTAVO_API CalibratedRange calibrated_range(const TensorStatistics& statistics,
                                            const CalibratorSpec& spec, const Scheme& scheme);

struct CalibratorInfo {
  std::string_view name;
  std::string_view help;  // one line: what it does, its parameters and their defaults
};
OCTAVO_API std::span<const CalibratorInfo> calibrators();

}  // namespace octavo
