// What deciding costs as networks grow: preparing, placing and planning, and rewriting, at 100,
// 1,000 and 3,000 nodes. A residual network: two convolutions, their activations and a sum a block.
// The time a node should stay the same; "BigO" in the output is what google-benchmark fits.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <array>
#include <iterator>
#include <string>

#include "calibration/tensor_statistics.h"
#include "octavo/recipe.h"
#include "plan/apply_recipe.h"
#include "plan/plan.h"
#include "prepare/prepare.h"
#include "rewrite/rewrite.h"
#include "support/graph_text.h"

namespace octavo {
namespace {

constexpr int kNodesOfABlock = 5;
constexpr std::string_view kTarget = "onnxruntime-x86";

Model network(std::int64_t nodes) {
  std::string text = "opset 13\ninput t0: float32[1,8,4,4]\n";
  const auto out = std::back_inserter(text);
  const std::int64_t blocks = nodes / kNodesOfABlock;
  for (std::int64_t i = 0; i < blocks; ++i) {
    fmt::format_to(out, "const w{0}: float32[8,8,3,3] = random({0})\n", i);
    fmt::format_to(out, "const v{0}: float32[8,8,3,3] = random({0})\n", i);
    fmt::format_to(out, "a{0} = Conv(t{0}, w{0}) {{pads=[1,1,1,1]}} \"a{0}\"\n", i);
    fmt::format_to(out, "b{0} = Relu(a{0}) \"b{0}\"\n", i);
    fmt::format_to(out, "c{0} = Conv(b{0}, v{0}) {{pads=[1,1,1,1]}} \"c{0}\"\n", i);
    fmt::format_to(out, "d{0} = Add(c{0}, t{0}) \"d{0}\"\n", i);
    fmt::format_to(out, "t{1} = Relu(d{0}) \"t{1}\"\n", i, i + 1);
  }
  fmt::format_to(out, "output t{}: float32[1,8,4,4]\n", blocks);
  return testing::parse_graph(text);
}

struct Task {
  Model model;
  Profile profile;
  Recipe recipe;
  Placement placement;
  Statistics statistics;
};

Task task_of(std::int64_t nodes) {
  Task task;
  task.model = prepare(network(nodes), {}).model;
  task.recipe.activation_calibrator = {"min-max", {}};
  task.profile = apply_recipe(load_profile(kTarget), task.recipe);
  const Graph graph(task.model.proto().graph());
  task.placement = place(graph, task.profile, placement_options(graph, task.recipe));
  constexpr std::array<float, 4> kValues = {-1, 0, 0.5F, 2};
  for (const std::string& tensor : task.placement.observed_tensors()) {
    task.statistics.tensors()[tensor].observe(0, kValues);
  }
  return task;
}

Plan plan_of(const Task& task) {
  const Graph graph(task.model.proto().graph());
  return make_plan(graph, task.placement, task.statistics, task.profile, task.recipe);
}

void prepare_network(benchmark::State& state) {
  const Model model = network(state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(prepare(model, {}));
  state.SetComplexityN(state.range(0));
}

void place_and_plan(benchmark::State& state) {
  const Task task = task_of(state.range(0));
  for (auto _ : state) {
    const Graph graph(task.model.proto().graph());
    benchmark::DoNotOptimize(place(graph, task.profile, placement_options(graph, task.recipe)));
    benchmark::DoNotOptimize(plan_of(task));
  }
  state.SetComplexityN(state.range(0));
}

void rewrite_network(benchmark::State& state) {
  const Task task = task_of(state.range(0));
  const Plan plan = plan_of(task);
  for (auto _ : state) benchmark::DoNotOptimize(rewrite(task.model, plan));
  state.SetComplexityN(state.range(0));
}

void sizes(benchmark::internal::Benchmark* benchmark) {
  benchmark->Arg(100)->Arg(1000)->Arg(3000)->Unit(benchmark::kMillisecond)->Complexity();
}

BENCHMARK(prepare_network)->Apply(sizes);
BENCHMARK(place_and_plan)->Apply(sizes);
BENCHMARK(rewrite_network)->Apply(sizes);

}  // namespace
}  // namespace octavo

BENCHMARK_MAIN();
