// How fast quantize, dequantize and fake_quantize run, beside a plain copy of the same floats:
// bytes a second count what is read and written. Usage: octavo_kernels_benchmark, or the same with
// --benchmark_filter=int8.
#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "core/kernels/code_kernels.h"

namespace octavo {
namespace {

constexpr float kScale = 0.0214854861F;
constexpr std::int32_t kZeroPoint = 3;

enum class Scales { kOneForAll, kOneAnElement };

std::vector<float> normal_values(std::size_t count) {
  std::mt19937 random(1);
  std::normal_distribution<float> normal(0, 1);
  std::vector<float> values(count);
  for (float& value : values) value = normal(random);
  return values;
}

// The arrays that the kernels of one type work on.
struct Workload {
  Workload(DType dtype, Scales scales, std::size_t count)
      : values(normal_values(count)),
        scale(scales == Scales::kOneForAll ? 1 : count, kScale),
        zero_point(scale.size(), kZeroPoint),
        codes(traits(dtype).bytes(count)),
        results(count),
        range(code_range({.dtype = dtype})) {}

  RunParams params() const { return {scale, zero_point}; }

  std::vector<float> values;
  std::vector<float> scale;
  std::vector<std::int32_t> zero_point;
  std::vector<std::byte> codes;
  std::vector<float> results;
  CodeRange range;
};

void count_traffic(benchmark::State& state, std::size_t bytes_per_iteration) {
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes_per_iteration));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

void copy(benchmark::State& state) {
  const std::vector<float> source = normal_values(static_cast<std::size_t>(state.range(0)));
  std::vector<float> target(source.size());
  for (auto _ : state) {
    std::memcpy(target.data(), source.data(), source.size() * sizeof(float));
    benchmark::DoNotOptimize(target.data());
    benchmark::ClobberMemory();
  }
  count_traffic(state, 2 * source.size() * sizeof(float));
}

void run_quantize(benchmark::State& state, const CodeKernels& kernels, Scales scales) {
  Workload work(kernels.dtype, scales, static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    kernels.quantize(work.values, work.params(), work.range, work.codes.data(), 0);
    benchmark::ClobberMemory();
  }
  count_traffic(state, work.values.size() * sizeof(float) + work.codes.size());
}

void run_dequantize(benchmark::State& state, const CodeKernels& kernels, Scales scales) {
  Workload work(kernels.dtype, scales, static_cast<std::size_t>(state.range(0)));
  kernels.quantize(work.values, work.params(), work.range, work.codes.data(), 0);
  for (auto _ : state) {
    kernels.dequantize(work.codes.data(), 0, work.params(), work.results);
    benchmark::ClobberMemory();
  }
  count_traffic(state, work.results.size() * sizeof(float) + work.codes.size());
}

void run_fake_quantize(benchmark::State& state, const CodeKernels& kernels, Scales scales) {
  Workload work(kernels.dtype, scales, static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    kernels.fake_quantize(work.values, work.params(), work.range, work.results);
    benchmark::ClobberMemory();
  }
  count_traffic(state, 2 * work.values.size() * sizeof(float));
}

void register_kernels(const CodeKernels& kernels) {
  constexpr std::int64_t kInCache = 16 << 10;
  constexpr std::int64_t kInMemory = 16 << 20;
  using Benchmark = void (*)(benchmark::State&, const CodeKernels&, Scales);
  struct Named {
    std::string name;
    Benchmark run;
  };
  const std::vector<Named> all = {{"quantize", run_quantize},
                                  {"dequantize", run_dequantize},
                                  {"fake_quantize", run_fake_quantize}};
  for (const auto& [name, run] : all) {
    std::string title = name;
    title.append("/").append(traits(kernels.dtype).name);
    benchmark::RegisterBenchmark(title.c_str(), run, kernels, Scales::kOneForAll)
        ->Arg(kInCache)
        ->Arg(kInMemory);
    title.append("/scale_an_element");
    benchmark::RegisterBenchmark(title.c_str(), run, kernels, Scales::kOneAnElement)->Arg(kInCache);
  }
}

BENCHMARK(copy)->Arg(16 << 10)->Arg(16 << 20);

}  // namespace
}  // namespace octavo

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  for (const octavo::CodeKernels& kernels : octavo::all_code_kernels()) {
    octavo::register_kernels(kernels);
  }
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
