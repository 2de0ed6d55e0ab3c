// An ONNX graph that libtorch runs, with gradients for whatever asks for them.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "octavo/model.h"
#include "train/operators/operator.h"

namespace octavo {

// What makes a tensor instead of the graph's own node.
struct Replacement {
  std::vector<std::string> inputs;  // tensors of the graph
  Forward forward;                  // one output
};

struct NetworkOptions {
  std::vector<std::string> outputs;                           // tensors to give back
  std::unordered_map<std::string, Replacement> replacements;  // by the tensor that they make
  std::unordered_map<std::string, at::Tensor> constants;      // instead of initializers
  at::Device device = at::kCPU;
};

class Network {
 public:
  // Throws Error(kUnsupported), naming every node whose operator is not mapped, and
  // Error(kNotFound) for an output that nothing makes.
  Network(Model model, const NetworkOptions& options);
  ~Network();
  Network(Network&&) noexcept;
  Network& operator=(Network&&) noexcept;

  // `inputs` in the order of the model's inputs. The outputs in the order of the options'.
  // Throws Error(kRuntime), naming the node, for what libtorch cannot do with them.
  Values run(const Values& inputs) const;

 private:
  struct Plan;
  std::unique_ptr<Plan> plan_;
};

}  // namespace octavo
