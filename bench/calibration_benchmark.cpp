// How fast a sketch takes values in, beside a plain copy of the same floats; bytes a second count
// what is read (and, for the copy, written). Activations differ in what they cost: bell-shaped,
// half zeros (Relu), few distinct values (equal bins in a row), all zeros. --benchmark_filter
// narrows; the SIMD targets that this machine has come one by one.
#include <benchmark/benchmark.h>
#include <hwy/highway.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "calibration/calibrator.h"
#include "calibration/sketch_kernel.h"

namespace octavo {
namespace {

constexpr std::int64_t kInCache = 64 << 10;
constexpr std::int64_t kInMemory = 16 << 20;

enum class Values { kNormal, kRelu, kConstant, kZero };

struct NamedValues {
  Values values;
  const char* name;
};
constexpr NamedValues kAllValues[] = {{Values::kNormal, "normal"},
                                      {Values::kRelu, "relu"},
                                      {Values::kConstant, "constant"},
                                      {Values::kZero, "zero"}};

std::vector<float> make_values(Values kind, std::int64_t count) {
  std::mt19937 random(1);
  std::normal_distribution<float> normal(0, 1);
  std::vector<float> values(static_cast<std::size_t>(count));
  for (float& value : values) {
    switch (kind) {
      case Values::kNormal:
        value = normal(random);
        break;
      case Values::kRelu:
        value = std::max(0.0F, normal(random));
        break;
      case Values::kConstant:
        value = 0.75F;
        break;
      case Values::kZero:
        value = 0;
        break;
    }
  }
  return values;
}

// Runs the kernels of one target from here on; 0: of the best again.
void use_targets(std::int64_t targets) {
  hwy::SetSupportedTargetsForTest(targets);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

void count_traffic(benchmark::State& state, std::size_t bytes) {
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes));
}

void copy(benchmark::State& state) {
  const auto source = make_values(Values::kNormal, state.range(0));
  std::vector<float> target(source.size());
  for (auto _ : state) {
    std::memcpy(target.data(), source.data(), source.size() * sizeof(float));
    benchmark::DoNotOptimize(target.data());
    benchmark::ClobberMemory();
  }
  count_traffic(state, 2 * source.size() * sizeof(float));
}
BENCHMARK(copy)->Arg(kInCache)->Arg(kInMemory);

// The extremes of a block and the bins of its values, without counting them.
template <typename Kernel>
void summarize(benchmark::State& state, const Kernel& kernel) {
  const auto values = make_values(Values::kNormal, state.range(0));
  std::vector<std::uint32_t> bins(kSketchBlock + kSketchBlockPadding);
  for (auto _ : state) {
    for (std::size_t i = 0; i + kSketchBlock <= values.size(); i += kSketchBlock) {
      benchmark::DoNotOptimize(kernel(std::span(values).subspan(i, kSketchBlock), bins.data()));
    }
  }
  count_traffic(state, values.size() * sizeof(float));
}

void observe(benchmark::State& state, Values kind) {
  const auto values = make_values(kind, state.range(0));
  Sketch sketch;
  for (auto _ : state) benchmark::DoNotOptimize(sketch.observe(values));
  count_traffic(state, values.size() * sizeof(float));
}

// What choosing a range costs once the statistics are there.
void choose_range(benchmark::State& state, const Calibrator& calibrator) {
  TensorStatistics statistics;
  statistics.observe(0, make_values(Values::kNormal, kInMemory));
  const CalibratorSpec spec{std::string(calibrator.name), {}};
  const Scheme scheme{DType::kUint8, Symmetry::kAsymmetric};
  for (auto _ : state) {
    benchmark::DoNotOptimize(calibrated_range(statistics, spec, scheme).range);
  }
}

void register_benchmarks() {
  benchmark::RegisterBenchmark("summarize/reference", [](benchmark::State& state) {
    summarize(state, summarize_block_reference);
  })->Arg(kInCache);
  for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) {
    const std::string name = std::string("summarize/") + hwy::TargetName(target);
    benchmark::RegisterBenchmark(name.c_str(), [target](benchmark::State& state) {
      use_targets(target);
      summarize(state, summarize_block);
      use_targets(0);
    })->Arg(kInCache);
  }
  for (const auto& [values, name] : kAllValues) {
    benchmark::RegisterBenchmark((std::string("observe/") + name).c_str(), observe, values)
        ->Arg(kInCache)
        ->Arg(kInMemory);
  }
  for (const Calibrator* calibrator : all_calibrators()) {
    benchmark::RegisterBenchmark(
        ("choose_range/" + std::string(calibrator->name)).c_str(),
        [calibrator](benchmark::State& state) { choose_range(state, *calibrator); })
        ->Unit(benchmark::kMillisecond);
  }
}

}  // namespace
}  // namespace octavo

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  octavo::register_benchmarks();
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
