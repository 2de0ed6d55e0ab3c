#include "runtime/stand_in.h"

#include <utility>

#include "runtime/onnxruntime/executor.h"

namespace octavo {
namespace {

class StandIn final : public Executor {
 public:
  explicit StandIn(std::unique_ptr<Executor> runtime) : runtime_(std::move(runtime)) {}

  std::string_view name() const override { return runtime_->name(); }
  std::string version() const override { return runtime_->version(); }

  std::unique_ptr<Session> load(const Model& model, const SessionOptions& options) const override {
    return runtime_->load(model, faithful(options));
  }

  std::vector<std::unique_ptr<Session>> load_shared(const Model& model,
                                                    const SessionOptions& options,
                                                    std::size_t count) const override {
    return runtime_->load_shared(model, faithful(options), count);
  }

  std::vector<ExecutedNode> executed_graph(const Model& model) const override {
    return runtime_->executed_graph(model);
  }

 private:
  static SessionOptions faithful(SessionOptions options) {
    if (options.optimization == Optimization::kFull) options.optimization = Optimization::kFaithful;
    return options;
  }

  std::unique_ptr<Executor> runtime_;
};

}  // namespace

std::unique_ptr<Executor> make_stand_in() {
  return std::make_unique<StandIn>(make_onnxruntime_executor());
}

}  // namespace octavo
