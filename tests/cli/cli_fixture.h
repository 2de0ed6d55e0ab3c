// The program with a small model and data, in a folder of its own.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "cli/run_octavo.h"
#include "octavo/tensor.h"
#include "support/paths.h"

namespace octavo::testing {

// model.onnx, as text.
inline constexpr std::string_view kCliNetwork = R"(
  opset 13
  input x: float32[N,3,8,8]
  const w: float32[16,3,3,3] = random(1)
  const b: float32[16] = random(2)
  const v: float32[576,4] = random(3)
  c = Conv(x, w, b) "conv"
  r = Relu(c) "relu"
  f = Flatten(r) "flatten"
  y = MatMul(f, v) "classify"
  output y: float32[N,4]
)";

// Numbers from 0 to 1, without a pattern, of shape [count, 3, 8, 8].
Tensor samples(std::int64_t count, float shift = 0);

class Cli : public ::testing::Test {
 protected:
  // model.onnx, data.npz and labelled.npz: six samples, four classes.
  void SetUp() override;

  std::string path(std::string_view name) const { return (folder_ / name).string(); }
  std::string content_of(std::string_view name) const;

  ProgramResult quantize(const std::string& model, const std::string& data) const;

  // The run fails with that code, says each part on stderr, and leaves no output file.
  void expect_failure(const ProgramResult& result, int exit_code,
                      std::initializer_list<std::string_view> parts) const;

  TemporaryDirectory folder_;
};

}  // namespace octavo::testing
