#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

#include "calibration/channel_statistics.h"
#include "calibration/tensor_statistics.h"
#include "core/parallel_for.h"
#include "octavo/error.h"
#include "octavo/statistics.h"

namespace octavo {
namespace {

std::vector<float> as_floats(const TensorView& view) {
  const DTypeTraits& type = traits(view.dtype);
  const std::size_t count = element_count(view.shape);
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i) {
    values[i] = static_cast<float>(type.decode(view.bytes.data(), i));
  }
  return values;
}

// Where the values of one session's output go.
struct Slot {
  std::string tensor;
  TensorStatistics* whole = nullptr;
  ChannelStatistics* channels = nullptr;  // null: not asked for
};

void observe(const Slot& slot, std::size_t sample, const TensorView& view) {
  std::vector<float> converted;
  std::span<const float> values(reinterpret_cast<const float*>(view.bytes.data()),
                                view.bytes.size() / sizeof(float));
  if (view.dtype != DType::kFloat32) values = converted = as_floats(view);
  slot.whole->observe(sample, values);
  if (slot.channels == nullptr) return;
  slot.channels->observe(slot.tensor, sample, {DType::kFloat32, view.shape, std::as_bytes(values)});
}

void require_observed(std::span<const ChannelRequest> requests,
                      std::span<const std::string> tensors) {
  for (const ChannelRequest& request : requests) {
    if (std::find(tensors.begin(), tensors.end(), request.tensor) != tensors.end()) continue;
    throw Error(ErrorCode::kNotFound,
                fmt::format("no channels to keep of tensor '{}': it is not among the {} observed",
                            request.tensor, tensors.size()));
  }
}

// Workers take samples one by one, each with a session and statistics of its own: nothing is shared
// while they run, and the merge is exact, so their number leaves no trace in the result.
class Driver {
 public:
  Driver(const Dataset& dataset, const CalibrationOptions& options)
      : dataset_(dataset),
        options_(options),
        next_(options.first),
        last_(std::min(options.last, dataset.size())) {}

  std::size_t samples() const { return last_ > options_.first ? last_ - options_.first : 0; }

  Statistics run(const Model& model, std::span<const std::string> tensors,
                 const Executor& executor) {
    const std::size_t worker_count = workers(options_.threads, samples());
    SessionOptions session_options;
    session_options.outputs.assign(tensors.begin(), tensors.end());
    const auto sessions = executor.load_shared(model, session_options, worker_count);
    std::vector<Statistics> parts(worker_count);
    {
      std::vector<std::jthread> threads;
      for (std::size_t i = 1; i < worker_count; ++i) {
        threads.emplace_back([&, i] { work(*sessions[i], parts[i]); });
      }
      work(*sessions[0], parts[0]);
    }
    if (failure_) std::rethrow_exception(failure_);
    Statistics whole = std::move(parts[0]);
    for (std::size_t i = 1; i < worker_count; ++i) merge(whole, parts[i]);
    // Samples are handed out in order and every one begun is finished: those done are the first.
    if (done_ > 0) whole.add_samples({options_.first, options_.first + done_});
    whole.set_model_fingerprint(fingerprint(model));
    return whole;
  }

 private:
  void work(Session& session, Statistics& statistics) {
    const std::vector<Slot> slots = slots_of(session, statistics);
    try {
      while (!options_.cancelled || !options_.cancelled()) {
        const std::size_t i = next_++;
        if (i >= last_) break;
        const Sample sample = dataset_.at(i);
        run(session, sample,
            [&](std::size_t output, const TensorView& view) { observe(slots[output], i, view); });
        report();
      }
    } catch (...) {
      next_ = last_;  // the others stop after their sample
      const std::scoped_lock lock(mutex_);
      if (!failure_) failure_ = std::current_exception();
    }
  }

  static void run(Session& session, const Sample& sample, const OutputVisitor& visit) {
    try {
      session.run(sample.inputs, visit);
    } catch (const Error& error) {
      throw Error(error.code(), fmt::format("{}: {}", sample.name, error.what()));
    }
  }

  std::vector<Slot> slots_of(const Session& session, Statistics& statistics) const {
    for (const ChannelRequest& request : options_.per_channel) {
      statistics.channels().try_emplace(request.tensor, request.axis);
    }
    std::vector<Slot> slots;
    for (const std::string& name : session.output_names()) {
      const auto channels = statistics.channels().find(name);
      slots.push_back({name, &statistics.tensors()[name],
                       channels == statistics.channels().end() ? nullptr : &channels->second});
    }
    return slots;
  }

  void report() {
    const std::scoped_lock lock(mutex_);
    ++done_;
    if (options_.progress) options_.progress(done_, samples());
  }

  const Dataset& dataset_;
  const CalibrationOptions& options_;
  std::atomic<std::size_t> next_;
  std::size_t last_;
  std::mutex mutex_;
  std::size_t done_ = 0;
  std::exception_ptr failure_;
};

}  // namespace

Statistics calibrate(const Model& model, std::span<const std::string> tensors,
                     const Dataset& dataset, const Executor& executor,
                     const CalibrationOptions& options) {
  Driver driver(dataset, options);
  if (driver.samples() == 0) {
    throw Error(ErrorCode::kInvalidData,
                fmt::format("no calibration samples: {} in the data, asked for {} to {}",
                            dataset.size(), options.first, options.last));
  }
  require_observed(options.per_channel, tensors);
  if (tensors.empty()) return {};
  return driver.run(model, tensors, executor);
}

}  // namespace octavo
