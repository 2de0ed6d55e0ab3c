// Running a model. ONNX Runtime and others stand behind this; nothing else includes their headers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "octavo/export.h"
#include "octavo/model.h"
#include "octavo/tensor.h"

namespace octavo {

enum class Optimization : std::uint8_t {
  kFull,  // what a deployment runs
  // The same without what changes precisions: a node in float stays in float. For what a model
  // means, whatever runtime it is made for.
  kFaithful,
  // Each node as written: for constant folding and node-by-node comparison. A runtime that cannot
  // leave its optimizations out (OpenVINO) throws Error(kUnsupported).
  kNone,
};

enum class Profiling : std::uint8_t { kOff, kOn };

struct SessionOptions {
  int threads = 1;
  Optimization optimization = Optimization::kFull;
  Profiling profiling = Profiling::kOff;
  // Tensors to return from run(), in this order, inner ones allowed; empty: all tensors put out.
  std::vector<std::string> outputs;
};

// Time that the runtime spends in one node of its own (optimized) graph.
struct NodeTime {
  std::string name;
  std::string op_type;
  double microseconds = 0;  // of one call: the mean, without what others disturbed where possible
  std::int64_t calls = 0;
  // The node of the loaded model that it stands for, as far as the runtime's names tell; empty: the
  // runtime's own.
  std::string source = {};
};

// A node of the graph that the runtime really executes.
struct ExecutedNode {
  std::string name;
  std::string op_type;  // "QLinearConv"
  std::string domain;
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
  std::string precision;  // "u8": what it computes in; empty where the runtime does not say
};

// An output in the runtime's own memory, valid only while the visitor runs.
struct TensorView {
  DType dtype = DType::kFloat32;
  Shape shape;
  std::span<const std::byte> bytes;
};
using OutputVisitor = std::function<void(std::size_t index, const TensorView& output)>;

// A loaded model. run() is safe to call from one thread at a time.
class OCTAVO_API Session {
 public:
  virtual ~Session() = default;
  // `inputs` in the order of the model's inputs(). Throws Error(kRuntime) with the runtime's words.
  virtual std::vector<Tensor> run(std::span<const Tensor> inputs) = 0;
  // The same without copying: calls `visit` once for each output, inner tensors as soon as they are
  // there, in the order in which the runtime makes them. What `visit` throws comes out of run().
  virtual void run(std::span<const Tensor> inputs, const OutputVisitor& visit) = 0;
  // Names and order of what run() returns.
  virtual const std::vector<std::string>& output_names() const = 0;
  // Ends profiling; empty unless it was asked for.
  virtual std::vector<NodeTime> node_times() = 0;
};

class OCTAVO_API Executor {
 public:
  virtual ~Executor() = default;
  virtual std::string_view name() const = 0;  // "onnxruntime"
  virtual std::string version() const = 0;    // "1.31.1"
  // Throws Error(kInvalidModel) if the runtime refuses the model, with the runtime's words.
  virtual std::unique_ptr<Session> load(const Model& model,
                                        const SessionOptions& options) const = 0;
  // `count` sessions of one model, each for a thread of its own. Where the runtime can, it is read,
  // optimized and kept in memory once for all of them; this one calls load() so many times.
  virtual std::vector<std::unique_ptr<Session>> load_shared(const Model& model,
                                                            const SessionOptions& options,
                                                            std::size_t count) const;
  // The graph after all of the runtime's own fusions: what is really executed.
  virtual std::vector<ExecutedNode> executed_graph(const Model& model) const = 0;
};

// "onnxruntime", ... Throws Error(kInvalidArgument), naming the known ones, for an unknown name.
OCTAVO_API std::unique_ptr<Executor> make_executor(std::string_view name);
OCTAVO_API std::vector<std::string> executor_names();

}  // namespace octavo
