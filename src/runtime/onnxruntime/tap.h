// Watching inner tensors without fetching them.
//
//   before                        after
//   x -> Conv -> t -> Relu -> y   x -> Conv -> t -> Relu -> y
//                                              t -> octavo.Tap (index 0) -> "t" of the new outputs
//
// A Tap calls the session's visitor in the middle of the run, while its tensor is still warm in the
// cache. Fetched as outputs, tensors would live until the run's end, each in memory of its own: the
// runtime could reuse no buffer, and big models would need a multiple of their usual memory.
#pragma once

#include <onnxruntime_cxx_api.h>

#include <cstddef>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "octavo/executor.h"
#include "onnx/onnx-ml.pb.h"

namespace octavo {

// Where the taps of one loaded model deliver: each to the run that its thread is in, since the
// runtime calls the kernels of a sequential run from the thread that asked for it.
class TapReceiver {
 public:
  // Calls `run`; the taps that it comes to, in this thread, deliver to `visit`. What `visit` throws
  // comes out, after the run.
  void deliver(const OutputVisitor& visit, const std::function<void()>& run);
  // Called by a tap. Throws nothing: it must not cross the runtime.
  void receive(std::size_t index, Ort::ConstValue value) noexcept;

 private:
  struct Delivery {
    const OutputVisitor* visit = nullptr;
    std::exception_ptr failure;
  };
  std::mutex mutex_;
  std::map<std::thread::id, Delivery> running_;
};

// The op itself and its domain; must outlive the session.
class TapDomain {
 public:
  explicit TapDomain(TapReceiver& receiver);
  ~TapDomain();
  TapDomain(const TapDomain&) = delete;
  TapDomain& operator=(const TapDomain&) = delete;
  void add_to(Ort::SessionOptions& options) const;

 private:
  struct Op;
  std::unique_ptr<Op> op_;
  Ort::CustomOpDomain domain_;
};

// The model with a Tap on each of `tensors` in the place of its outputs.
// Throws Error(kNotFound) for a tensor that the graph does not have.
onnx::ModelProto tapped(const onnx::ModelProto& model, const std::vector<std::string>& tensors);

// A view of a value in the runtime's memory. Throws Error(kUnsupported) for a type that octavo does
// not know.
TensorView view_of(Ort::ConstValue value);

}  // namespace octavo
