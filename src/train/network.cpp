#include "train/network.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <exception>
#include <ranges>
#include <unordered_set>
#include <utility>

#include "model/attributes.h"
#include "model/tensor_proto.h"
#include "octavo/error.h"
#include "train/constants.h"
#include "train/mapped.h"

namespace octavo {
namespace {

constexpr std::size_t kMostNamed = 5;

// Places of tensors while the network runs. Place 0 is that of absent inputs.
struct Step {
  std::string name;  // for messages
  std::vector<std::size_t> inputs;
  std::vector<std::size_t> outputs;
  std::vector<std::size_t> last_uses;  // inputs that nothing needs after this step
  Forward forward;
};

bool is_mapped(const onnx::NodeProto& node) {
  return in_default_domain(node) && find_mapped_operator(node.op_type()) != nullptr;
}

// What libtorch and the standard library throw names no node, and whoever catches ours knows none
// of it.
template <typename Work>
auto naming(const std::string& name, const Work& work) {
  try {
    return work();
  } catch (const Error&) {
    throw;
  } catch (const c10::Error& error) {
    throw Error(ErrorCode::kRuntime,
                fmt::format("{}: libtorch: {}", name, error.what_without_backtrace()));
  } catch (const std::exception& error) {
    throw Error(ErrorCode::kRuntime, fmt::format("{}: {}", name, error.what()));
  }
}

Forward bound(const OperatorNode& node) {
  return naming(describe(node.proto),
                [&] { return find_mapped_operator(node.proto.op_type())->bind(node); });
}

}  // namespace

struct Network::Plan {
  Plan(Model of, const NetworkOptions& options)
      : model(std::move(of)), graph(model.proto().graph()), device(options.device) {
    require_mapped(model);
    for (const TensorInfo& input : model.inputs()) input_places.push_back(place(input.name));
    add_constants(options.constants);
    find_needed(options);
    for (const onnx::NodeProto& node : graph.proto().node()) add_node(node, options.replacements);
    for (const std::string& output : options.outputs) output_places.push_back(place(output));
    find_last_uses();
  }

  std::size_t place(const std::string& tensor) {
    if (tensor.empty()) return 0;
    return places.emplace(tensor, places.size() + 1).first->second;
  }

  std::vector<std::size_t> places_of(const auto& tensors) {
    std::vector<std::size_t> found;
    for (const std::string& tensor : tensors) found.push_back(place(tensor));
    return found;
  }

  // Whole numbers stay where they are read: on the processor.
  void add_constants(const std::unordered_map<std::string, at::Tensor>& given) {
    for (const onnx::TensorProto& initializer : graph.proto().initializer()) {
      const auto found = given.find(initializer.name());
      at::Tensor tensor =
          found != given.end() ? found->second : to_torch(tensor_from_proto(initializer));
      if (found == given.end() && tensor.is_floating_point()) tensor = tensor.to(device);
      constants.emplace_back(place(initializer.name()), std::move(tensor));
    }
  }

  // Backwards from the outputs; what a replacement makes needs the replacement's inputs only.
  void find_needed(const NetworkOptions& options) {
    std::vector<std::string> open = options.outputs;
    while (!open.empty()) {
      const std::string tensor = std::move(open.back());
      open.pop_back();
      if (tensor.empty() || !needed.insert(tensor).second) continue;
      const auto replaced = options.replacements.find(tensor);
      if (replaced != options.replacements.end()) {
        open.insert(open.end(), replaced->second.inputs.begin(), replaced->second.inputs.end());
        continue;
      }
      const onnx::NodeProto* producer = graph.producer(tensor);
      if (producer != nullptr) {
        open.insert(open.end(), producer->input().begin(), producer->input().end());
      } else if (!graph.is_input(tensor) && !graph.is_initializer(tensor)) {
        throw Error(ErrorCode::kNotFound, fmt::format("no node makes tensor '{}'", tensor));
      }
    }
  }

  void add_node(const onnx::NodeProto& node,
                const std::unordered_map<std::string, Replacement>& replacements) {
    bool own = false;
    for (const std::string& output : node.output()) {
      if (!needed.contains(output)) continue;
      const auto replaced = replacements.find(output);
      if (replaced == replacements.end()) {
        own = true;
        continue;
      }
      steps.push_back({describe(node),
                       places_of(replaced->second.inputs),
                       {place(output)},
                       {},
                       replaced->second.forward});
    }
    if (!own) return;
    steps.push_back({describe(node),
                     places_of(node.input()),
                     places_of(node.output()),
                     {},
                     bound({node, model.opset(), graph})});
  }

  void find_last_uses() {
    std::unordered_set<std::size_t> kept(output_places.begin(), output_places.end());
    for (const auto& [place, tensor] : constants) kept.insert(place);
    for (Step& step : std::views::reverse(steps)) {
      for (const std::size_t input : step.inputs) {
        if (kept.insert(input).second) step.last_uses.push_back(input);
      }
    }
  }

  Model model;
  Graph graph;
  at::Device device;
  std::unordered_map<std::string, std::size_t> places;
  std::unordered_set<std::string> needed;
  std::vector<std::pair<std::size_t, at::Tensor>> constants;
  std::vector<Step> steps;
  std::vector<std::size_t> input_places;
  std::vector<std::size_t> output_places;
};

Network::Network(Model model, const NetworkOptions& options)
    : plan_(std::make_unique<Plan>(std::move(model), options)) {}
Network::~Network() = default;
Network::Network(Network&&) noexcept = default;
Network& Network::operator=(Network&&) noexcept = default;

Values Network::run(const Values& inputs) const {
  Values tensors(plan_->places.size() + 1);
  for (const auto& [place, tensor] : plan_->constants) tensors[place] = tensor;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    tensors[plan_->input_places.at(i)] = inputs[i].to(plan_->device);
  }
  Values arguments;
  for (const Step& step : plan_->steps) {
    arguments.clear();
    for (const std::size_t input : step.inputs) arguments.push_back(tensors[input]);
    Values results = naming(step.name, [&] { return step.forward(arguments); });
    for (std::size_t i = 0; i < std::min(results.size(), step.outputs.size()); ++i) {
      if (step.outputs[i] == 0) continue;
      // Real numbers belong on the device, those too that whole numbers of the processor become.
      if (results[i].defined() && results[i].is_floating_point()) {
        results[i] = results[i].to(plan_->device);
      }
      tensors[step.outputs[i]] = std::move(results[i]);
    }
    for (const std::size_t place : step.last_uses) tensors[place].reset();
  }
  Values outputs;
  for (const std::size_t place : plan_->output_places) outputs.push_back(tensors[place]);
  return outputs;
}

void require_mapped(const Model& model) {
  std::vector<std::string> unmapped;
  for (const onnx::NodeProto& node : model.proto().graph().node()) {
    if (!is_mapped(node)) unmapped.push_back(describe(node));
  }
  if (!unmapped.empty()) {
    const std::size_t count = unmapped.size();
    if (count > kMostNamed) unmapped.resize(kMostNamed);
    throw Error(ErrorCode::kUnsupported,
                fmt::format("octavo-train does not map {} of the model's nodes: {}{}", count,
                            fmt::join(unmapped, ", "), count > kMostNamed ? ", ..." : ""));
  }
  const Graph graph(model.proto().graph());
  for (const onnx::NodeProto& node : graph.proto().node()) {
    bound({node, model.opset(), graph});
  }
}

}  // namespace octavo
