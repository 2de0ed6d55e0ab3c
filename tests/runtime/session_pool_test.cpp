#include "runtime/session_pool.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "core/parallel_for.h"
#include "octavo/error.h"
#include "onnx/onnx-ml.pb.h"
#include "support/error_matchers.h"
#include "support/graph_text.h"

namespace octavo {
namespace {

constexpr int kThreads = 4;

Model chain() {
  return testing::parse_graph(R"(
    opset 13
    input x: float32[N,3]
    const two: float32[] = 2
    d = Mul(x, two) "double"
    y = Relu(d) "relu"
    output y: float32[N,3]
  )");
}

// Its values and its length tell which it is.
std::vector<float> values_of_sample(std::size_t sample) {
  const auto value = static_cast<float>(sample) + 1;
  std::vector<float> values(3 * (1 + sample % 3), value);
  values.back() = -value;
  return values;
}

Tensor input_of(const std::vector<float>& values) {
  return Tensor::of<float>({static_cast<std::int64_t>(values.size() / 3), 3}, values);
}

class SharedSessions : public ::testing::TestWithParam<std::string> {};

TEST_P(SharedSessions, EachShowsItsOwnRunAlone) {
  const auto executor = make_executor(GetParam());
  SessionOptions options;
  options.outputs = {"d", "y"};
  constexpr std::size_t kSamples = 200;
  SessionPool sessions(*executor, chain(), options, kThreads, kSamples);
  std::vector<std::array<std::vector<float>, 2>> seen(kSamples);
  parallel_for(kSamples, kThreads, [&]() -> Round {
    return [&, session = sessions.lend()](std::size_t i) {
      const std::vector<Tensor> inputs = {input_of(values_of_sample(i))};
      session->run(inputs, [&](std::size_t output, const TensorView& view) {
        const auto* values = reinterpret_cast<const float*>(view.bytes.data());
        seen[i][output].assign(values, values + view.bytes.size() / sizeof(float));
      });
    };
  });
  for (std::size_t i = 0; i < kSamples; ++i) {
    const std::vector<float> values = values_of_sample(i);
    ASSERT_EQ(seen[i][0].size(), values.size()) << "sample " << i;
    for (std::size_t k = 0; k < values.size(); ++k) {
      EXPECT_EQ(seen[i][0][k], 2 * values[k]) << "sample " << i;
      EXPECT_EQ(seen[i][1][k], std::max(0.0F, 2 * values[k])) << "sample " << i;
    }
  }
}

TEST_P(SharedSessions, WhatOnesVisitorThrowsIsNotTheOthers) {
  const auto executor = make_executor(GetParam());
  SessionOptions options;
  options.outputs = {"d"};
  const auto sessions = executor->load_shared(chain(), options, 2);
  ASSERT_EQ(sessions.size(), 2u);
  const std::vector<Tensor> inputs = {input_of({1, 2, 3})};
  const auto refuse = [&](std::size_t, const TensorView&) {
    throw Error(ErrorCode::kInvalidData, "not this one");
  };
  EXPECT_OCTAVO_ERROR(sessions[0]->run(inputs, refuse), ErrorCode::kInvalidData, "not this one");
  EXPECT_EQ(sessions[1]->run(inputs)[0].as<float>()[2], 6);
  EXPECT_EQ(sessions[0]->run(inputs)[0].as<float>()[2], 6);
}

TEST_P(SharedSessions, ThreadsInsideTheRuntimeChangeNothing) {
  const auto executor = make_executor(GetParam());
  SessionOptions options;
  options.threads = 3;
  options.outputs = {"d", "y"};
  const auto sessions = executor->load_shared(chain(), options, 2);
  const std::vector<Tensor> inputs = {input_of({1, -2, 3})};
  for (const auto& session : sessions) {
    const std::vector<Tensor> outputs = session->run(inputs);
    EXPECT_EQ(outputs[0].as<float>()[1], -4);
    EXPECT_EQ(outputs[1].as<float>()[1], 0);
  }
}

INSTANTIATE_TEST_SUITE_P(Runtimes, SharedSessions, ::testing::ValuesIn(executor_names()),
                         [](const auto& name) { return name.param; });

class CountingExecutor final : public Executor {
 public:
  std::string_view name() const override { return "counting"; }
  std::string version() const override { return "1"; }
  std::unique_ptr<Session> load(const Model&, const SessionOptions&) const override {
    ++loads;
    return nullptr;
  }
  std::vector<ExecutedNode> executed_graph(const Model&) const override { return {}; }

  mutable int loads = 0;
};

TEST(SessionPool, HasOneForEachThreadThatHasARound) {
  for (const auto& [threads, rounds, loads] :
       {std::array{4, 10, 4}, {4, 3, 3}, {0, 3, 1}, {2, 0, 0}}) {
    const CountingExecutor executor;
    const SessionPool pool(executor, chain(), {}, threads, static_cast<std::size_t>(rounds));
    EXPECT_EQ(executor.loads, loads) << threads << " threads, " << rounds << " rounds";
  }
}

TEST(SessionPool, LendsAgainWhatCameBack) {
  const auto executor = make_executor("onnxruntime");
  SessionPool pool(*executor, chain(), {}, 1, 1);
  const Session* first = pool.lend().get();
  EXPECT_EQ(pool.lend().get(), first);
}

}  // namespace
}  // namespace octavo
