// What goes through and yet deserves a word: the words.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "cli/cli_fixture.h"
#include "data/npz.h"
#include "octavo/model.h"
#include "support/graph_text.h"

namespace octavo {
namespace {

using testing::Cli;
using testing::ProgramResult;
using testing::run_octavo;
using testing::samples;

void expect_said(const ProgramResult& result, std::string_view text) {
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_NE(result.errors.find(text), std::string::npos)
      << "expected \"" << text << "\" in: " << result.errors;
}

TEST_F(Cli, SaysThatFewSamplesMakeTheRanges) {
  write_npz(folder_ / "two.npz", {{"x", samples(2)}});
  expect_said(quantize("model.onnx", "two.npz"), "warning: ranges are those of 2 sample(s)");
  write_npz(folder_ / "many.npz", {{"x", samples(8)}});
  EXPECT_EQ(quantize("model.onnx", "many.npz").errors.find("warning"), std::string::npos);
}

TEST_F(Cli, SaysThatAnInputIsOneNumber) {
  write_npz(folder_ / "zeros.npz", {{"x", Tensor(DType::kFloat32, {9, 3, 8, 8})}});
  expect_said(quantize("model.onnx", "zeros.npz"),
              "warning: input 'x' is 0 throughout the 9 sample(s)");
}

TEST_F(Cli, SaysThatAModelIsQuantizedAlready) {
  ASSERT_EQ(quantize("model.onnx", "data.npz").exit_code, 0);
  std::filesystem::rename(folder_ / "out.onnx", folder_ / "int8.onnx");
  expect_said(quantize("int8.onnx", "data.npz"), "warning: the model is quantized already (");
  expect_said(
      run_octavo("quantize " + path("int8.onnx") + " --mode weight-only -o " + path("again.onnx")),
      "give the float model to quantize it anew");
}

TEST_F(Cli, SaysWhyNothingIsQuantized) {
  write_model(testing::parse_graph(R"(
    opset 13
    input x: float32[N,3,8,8]
    y = Sin(x) "sine"
    output y: float32[N,3,8,8]
  )"),
              folder_ / "sine.onnx");
  expect_said(quantize("sine.onnx", "data.npz"),
              "warning: nothing is quantized: node 'sine' (Sin) stays float, because ");
}

TEST_F(Cli, SaysWhatBecomesOfABareFolderOfImages) {
  const auto images = folder_ / "images";
  std::filesystem::create_directory(images);
  for (const char* name : {"a.pgm", "b.pgm"}) {
    std::ofstream(images / name) << "P5 8 8 255\n" << std::string(64, 'x');
  }
  const ProgramResult result = quantize("model.onnx", "images");
  EXPECT_NE(result.errors.find("note: " + path("images")), std::string::npos) << result.errors;
  EXPECT_NE(result.errors.find("pixels divided by 255"), std::string::npos) << result.errors;
  EXPECT_EQ(quantize("model.onnx", "data.npz").errors.find("note: "), std::string::npos);
}

}  // namespace
}  // namespace octavo
