#include "search/session_in_numbers.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "model/io_params.h"

namespace octavo {
namespace {

struct Border {
  TensorInfo info;
  std::optional<IoParams> params;  // nothing: numbers already
};

std::vector<Border> border_of(const Model& model, const std::vector<TensorInfo>& infos) {
  std::vector<Border> border;
  for (const TensorInfo& info : infos) border.push_back({info, io_params(model, info.name)});
  return border;
}

bool has_codes(const std::vector<Border>& border) {
  return std::any_of(border.begin(), border.end(),
                     [](const Border& entry) { return entry.params.has_value(); });
}

std::vector<Tensor> fed(const std::vector<Border>& inputs, std::span<const Tensor> numbers) {
  std::vector<Tensor> tensors;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const Border* input = i < inputs.size() ? &inputs[i] : nullptr;
    const bool is_number = numbers[i].dtype() == DType::kFloat32;
    if (input != nullptr && input->params && is_number) {
      tensors.push_back(to_codes(numbers[i], input->info.dtype, *input->params));
    } else {
      tensors.push_back(numbers[i]);
    }
  }
  return tensors;
}

class SessionInNumbers final : public Session {
 public:
  SessionInNumbers(std::unique_ptr<Session> session, std::vector<Border> inputs,
                   std::vector<Border> outputs)
      : session_(std::move(session)), inputs_(std::move(inputs)), outputs_(std::move(outputs)) {}

  std::vector<Tensor> run(std::span<const Tensor> inputs) override {
    std::vector<Tensor> results = session_->run(fed(inputs_, inputs));
    for (std::size_t i = 0; i < results.size(); ++i) {
      const std::optional<IoParams>* params = params_of(i);
      if (params != nullptr && *params) results[i] = to_values(results[i], **params);
    }
    return results;
  }

  void run(std::span<const Tensor> inputs, const OutputVisitor& visit) override {
    const std::vector<Tensor> results = run(inputs);
    for (std::size_t i = 0; i < results.size(); ++i) {
      visit(i, {results[i].dtype(), results[i].shape(), results[i].bytes()});
    }
  }

  const std::vector<std::string>& output_names() const override { return session_->output_names(); }
  std::vector<NodeTime> node_times() override { return session_->node_times(); }

 private:
  // Null: an inner tensor.
  const std::optional<IoParams>* params_of(std::size_t result) const {
    for (const Border& output : outputs_) {
      if (output.info.name == output_names()[result]) return &output.params;
    }
    return nullptr;
  }

  std::unique_ptr<Session> session_;
  std::vector<Border> inputs_;
  std::vector<Border> outputs_;
};

}  // namespace

std::vector<Tensor> as_fed(const Model& model, std::span<const Tensor> numbers) {
  return fed(border_of(model, model.inputs()), numbers);
}

std::vector<std::unique_ptr<Session>> load_in_numbers(const Executor& executor, const Model& model,
                                                      const SessionOptions& options,
                                                      std::size_t count) {
  std::vector<std::unique_ptr<Session>> sessions = executor.load_shared(model, options, count);
  const std::vector<Border> inputs = border_of(model, model.inputs());
  const std::vector<Border> outputs = border_of(model, model.outputs());
  if (!has_codes(inputs) && !has_codes(outputs)) return sessions;
  for (std::unique_ptr<Session>& session : sessions) {
    session = std::make_unique<SessionInNumbers>(std::move(session), inputs, outputs);
  }
  return sessions;
}

}  // namespace octavo
