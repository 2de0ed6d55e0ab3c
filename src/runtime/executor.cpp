#include "octavo/executor.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "octavo/error.h"
#include "runtime/onnxruntime/executor.h"
#ifdef OCTAVO_HAS_OPENVINO
#include "runtime/openvino/executor.h"
#endif

namespace octavo {
namespace {

struct Runtime {
  std::string_view name;
  std::unique_ptr<Executor> (*make)();
};

// One line a runtime, sorted.
constexpr auto kRuntimes = std::to_array<Runtime>({
    {"onnxruntime", make_onnxruntime_executor},
#ifdef OCTAVO_HAS_OPENVINO
    {"openvino", make_openvino_executor},
#endif
});

}  // namespace

std::vector<std::unique_ptr<Session>> Executor::load_shared(const Model& model,
                                                            const SessionOptions& options,
                                                            std::size_t count) const {
  std::vector<std::unique_ptr<Session>> sessions;
  for (std::size_t i = 0; i < count; ++i) sessions.push_back(load(model, options));
  return sessions;
}

std::unique_ptr<Executor> make_executor(std::string_view name) {
  const auto* found = std::find_if(kRuntimes.begin(), kRuntimes.end(),
                                   [&](const Runtime& runtime) { return runtime.name == name; });
  if (found == kRuntimes.end()) {
    throw Error(ErrorCode::kInvalidArgument, fmt::format("unknown runtime '{}', expected one of {}",
                                                         name, fmt::join(executor_names(), ", ")));
  }
  return found->make();
}

std::vector<std::string> executor_names() {
  std::vector<std::string> names;
  for (const Runtime& runtime : kRuntimes) names.emplace_back(runtime.name);
  return names;
}

}  // namespace octavo
