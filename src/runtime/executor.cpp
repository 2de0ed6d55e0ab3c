#include "octavo/executor.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "octavo/error.h"
#include "runtime/onnxruntime/executor.h"

namespace octavo {
namespace {

struct Runtime {
  std::string_view name;
  std::unique_ptr<Executor> (*make)();
};

// One line a runtime, sorted.
constexpr std::array<Runtime, 1> kRuntimes = {{
    {"onnxruntime", make_onnxruntime_executor},
}};

}  // namespace

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
