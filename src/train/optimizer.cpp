#include "train/optimizer.h"

#include <torch/optim/sgd.h>

namespace octavo {
namespace {

using torch::optim::OptimizerParamGroup;
using torch::optim::SGDOptions;
using torch::optim::SGDParamState;

}  // namespace

struct Optimizer::Groups {
  Groups(const std::vector<Parameter>& all, const TrainingOptions& training)
      : options(training), parameters(all), sgd(groups_of(all, training), SGDOptions(0)) {}

  static std::vector<OptimizerParamGroup> groups_of(const std::vector<Parameter>& parameters,
                                                    const TrainingOptions& options) {
    std::vector<at::Tensor> weights;
    std::vector<at::Tensor> biases;
    std::vector<at::Tensor> scales;
    for (const Parameter& parameter : parameters) {
      auto& group = parameter.kind == ParameterKind::kWeight ? weights
                    : parameter.kind == ParameterKind::kBias ? biases
                                                             : scales;
      group.push_back(parameter.value);
    }
    const auto with = [](double momentum, double decay) {
      return std::make_unique<SGDOptions>(SGDOptions(0).momentum(momentum).weight_decay(decay));
    };
    std::vector<OptimizerParamGroup> groups;
    groups.emplace_back(weights, with(options.momentum, options.weight_decay));
    groups.emplace_back(biases, with(options.momentum, 0));
    groups.emplace_back(scales, with(options.scale_momentum, 0));
    return groups;
  }

  TrainingOptions options;
  std::vector<Parameter> parameters;
  torch::optim::SGD sgd;
};

Optimizer::Optimizer(const std::vector<Parameter>& parameters, const TrainingOptions& options)
    : groups_(std::make_unique<Groups>(parameters, options)) {}
Optimizer::~Optimizer() = default;

void Optimizer::clear_gradients() { groups_->sgd.zero_grad(); }

double Optimizer::clip_gradients(double longest) {
  const at::NoGradGuard no_gradients;
  std::vector<at::Tensor> gradients;
  for (const Parameter& parameter : groups_->parameters) {
    if (parameter.value.grad().defined()) gradients.push_back(parameter.value.grad());
  }
  if (gradients.empty()) return 0;
  const double norm = at::stack(at::_foreach_norm(gradients)).norm().item<double>();
  if (longest > 0 && norm > longest) at::_foreach_mul_(gradients, longest / norm);
  return norm;
}

void Optimizer::step(double learning_rate, bool scales_learn) {
  auto& groups = groups_->sgd.param_groups();
  for (OptimizerParamGroup& group : groups) group.options().set_lr(learning_rate);
  groups.back().options().set_lr(scales_learn ? learning_rate * groups_->options.scale_rate : 0);
  groups_->sgd.step();
}

std::map<std::string, at::Tensor> Optimizer::state() const {
  std::map<std::string, at::Tensor> result;
  auto& known = groups_->sgd.state();
  for (const Parameter& parameter : groups_->parameters) {
    const auto found = known.find(parameter.value.unsafeGetTensorImpl());
    if (found == known.end()) continue;
    const at::Tensor& buffer = static_cast<SGDParamState&>(*found->second).momentum_buffer();
    if (buffer.defined()) result.emplace(parameter.name, buffer);
  }
  return result;
}

void Optimizer::restore(const std::map<std::string, at::Tensor>& state) {
  for (const Parameter& parameter : groups_->parameters) {
    const auto found = state.find(parameter.name);
    if (found == state.end()) continue;
    auto entry = std::make_unique<SGDParamState>();
    entry->momentum_buffer(found->second.to(parameter.value.device()));
    groups_->sgd.state()[parameter.value.unsafeGetTensorImpl()] = std::move(entry);
  }
}

}  // namespace octavo
