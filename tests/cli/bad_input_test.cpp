// Every bad input: its text, its exit code, and no output left behind.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <string>

#include "cli/cli_fixture.h"
#include "data/npz.h"
#include "octavo/model.h"
#include "onnx/onnx-ml.pb.h"
#include "support/graph_text.h"

namespace octavo {
namespace {

namespace fs = std::filesystem;
using testing::Cli;
using testing::ProgramResult;
using testing::run_octavo;
using testing::samples;

TEST_F(Cli, UsageErrors) {
  expect_failure(run_octavo(""), 2, {"subcommand is required"});
  expect_failure(run_octavo("quantize " + path("model.onnx") + " -o " + path("out.onnx")), 2,
                 {"--calibration or --statistics"});
  expect_failure(run_octavo("evaluate " + path("model.onnx")), 2, {"--evaluation is required"});
}

TEST_F(Cli, UnknownVerb) {
  expect_failure(run_octavo("quantise " + path("model.onnx")), 2,
                 {"unknown verb 'quantise'", "expected one of analyze, ", "quantize"});
}

TEST_F(Cli, MissingModel) {
  expect_failure(quantize("nowhere.onnx", "data.npz"), 4, {"nowhere.onnx", "no such file"});
}

TEST_F(Cli, TruncatedModel) {
  fs::resize_file(folder_ / "model.onnx", fs::file_size(folder_ / "model.onnx") / 2);
  expect_failure(quantize("model.onnx", "data.npz"), 5, {"model.onnx", "truncated"});
}

TEST_F(Cli, EmptyModel) {
  std::ofstream(folder_ / "model.onnx", std::ios::trunc).flush();
  expect_failure(quantize("model.onnx", "data.npz"), 5, {"the file is empty"});
}

TEST_F(Cli, NotAModel) {
  std::ofstream(folder_ / "model.onnx") << "a letter to a friend";
  expect_failure(quantize("model.onnx", "data.npz"), 5, {"model.onnx", "not an ONNX model"});
}

TEST_F(Cli, UnsupportedOpset) {
  std::string text(testing::kCliNetwork);
  text.replace(text.find("13"), 2, "99");
  write_model(testing::parse_broken_graph(text), folder_ / "model.onnx");
  expect_failure(quantize("model.onnx", "data.npz"), 6, {"opset 99", "expected 7 to 24"});
}

TEST_F(Cli, DataWithoutTheInputsName) {
  write_npz(folder_ / "data.npz", {{"images", samples(2)}});
  expect_failure(quantize("model.onnx", "data.npz"), 7, {"data.npz", "'x'", "images"});
}

TEST_F(Cli, DataOfTheWrongShape) {
  write_npz(folder_ / "data.npz", {{"x", Tensor(DType::kFloat32, {4, 3, 9, 8})}});
  expect_failure(quantize("model.onnx", "data.npz"), 7,
                 {"[3, 9, 8]", "'x'", "expected [?, 3, 8, 8]"});
}

TEST_F(Cli, DataWithNan) {
  Tensor data = samples(2);
  data.mutable_as<float>()[200] = std::numeric_limits<float>::quiet_NaN();
  write_npz(folder_ / "data.npz", {{"x", data}});
  expect_failure(quantize("model.onnx", "data.npz"), 7, {"x[1]", "element 8", "nan"});
}

TEST_F(Cli, EmptyCalibrationSet) {
  write_npz(folder_ / "data.npz", {{"x", Tensor(DType::kFloat32, {0, 3, 8, 8})}});
  expect_failure(quantize("model.onnx", "data.npz"), 7, {"data.npz", "no samples"});
}

TEST_F(Cli, MissingData) {
  expect_failure(quantize("model.onnx", "nowhere.npz"), 4, {"nowhere.npz"});
}

TEST_F(Cli, LabelsOutOfRange) {
  const std::vector<std::int64_t> labels = {0, 1, 2, 3, 4, 1};
  write_npz(folder_ / "labelled.npz",
            {{"x", samples(6)}, {"labels", Tensor::of<std::int64_t>({6}, labels)}});
  const ProgramResult result = run_octavo("evaluate " + path("model.onnx") + " --evaluation " +
                                          path("labelled.npz") + " --latency-seconds 0");
  expect_failure(result, 7, {"x[4]", "label 4", "0 to 3"});
}

TEST_F(Cli, OutputThatCannotBeWritten) {
  const ProgramResult result = run_octavo("quantize " + path("model.onnx") + " --calibration " +
                                          path("data.npz") + " -o " + path("no/folder/out.onnx"));
  expect_failure(result, 9, {"no/folder/out.onnx", "No such file or directory"});
  EXPECT_EQ(result.errors.find("calibrating"), std::string::npos) << "it is said before the work";
  const ProgramResult statistics =
      run_octavo("calibrate " + path("model.onnx") + " --calibration " + path("data.npz") + " -o " +
                 path("no/folder/out.stats"));
  expect_failure(statistics, 9, {"no/folder/out.stats", "No such file or directory"});
  EXPECT_EQ(statistics.errors.find("calibrating"), std::string::npos);
}

TEST_F(Cli, OutputThatIsAFolder) {
  fs::create_directory(folder_ / "taken");
  const ProgramResult result = run_octavo("quantize " + path("model.onnx") + " --calibration " +
                                          path("data.npz") + " -o " + path("taken"));
  expect_failure(result, 9, {"taken", "Is a directory"});
}

TEST_F(Cli, LatencyThatWasNotMeasuredHasNoColumn) {
  const std::string evaluate = "evaluate " + path("model.onnx") + " --evaluation " +
                               path("labelled.npz") + " --latency-seconds ";
  const ProgramResult without = run_octavo(evaluate + "0");
  EXPECT_EQ(without.exit_code, 0) << without.errors;
  EXPECT_EQ(without.output.find("latency"), std::string::npos) << without.output;
  EXPECT_NE(run_octavo(evaluate + "0.1").output.find("latency"), std::string::npos);
}

TEST_F(Cli, UnknownSimulatedTargetIsSaidBeforeTheWork) {
  const ProgramResult result = run_octavo("evaluate " + path("model.onnx") + " --evaluation " +
                                          path("data.npz") + " --simulate tpu");
  expect_failure(result, 3, {"unknown target 'tpu'"});
  EXPECT_EQ(result.errors.find("evaluating"), std::string::npos);
}

TEST_F(Cli, ModelsThatDoNotFitTheDataAreNamed) {
  std::string text(testing::kCliNetwork);
  text.replace(text.find("[N,3,8,8]"), 9, "[7,3,8,8]");
  write_model(testing::parse_graph(text), folder_ / "seven.onnx");
  const ProgramResult result =
      run_octavo("evaluate " + path("model.onnx") + " " + path("seven.onnx") + " --evaluation " +
                 path("data.npz") + " --latency-seconds 0 --threads 1");
  expect_failure(result, 7, {path("seven.onnx") + ", x[0]: input 'x' has shape [1, 3, 8, 8]"});
}

TEST_F(Cli, OutputsThatRepairsCannotBeJudgedBy) {
  Model model = testing::parse_graph(R"(
    opset 13
    input x: float32[N,3,8,8]
    const w: float32[16,3,3,3] = random(1)
    c = Conv(x, w) "conv"
    s = SequenceConstruct(c) "sequence"
    output s: float32[N]
  )");
  auto& type = *model.mutable_proto().mutable_graph()->mutable_output(0)->mutable_type();
  type.mutable_sequence_type()->mutable_elem_type()->mutable_tensor_type()->set_elem_type(
      onnx::TensorProto::FLOAT);
  write_model(model, folder_ / "sequence.onnx");
  const std::string command = "quantize " + path("sequence.onnx") + " --calibration " +
                              path("data.npz") + " --coverage widest -o ";
  expect_failure(run_octavo(command + path("out.onnx")), 6,
                 {"no output of the model is a tensor", "--repair none"});
  EXPECT_EQ(run_octavo(command + path("bare.onnx") + " --repair none").exit_code, 0);
}

TEST_F(Cli, AnOldOutputSurvivesAFailure) {
  std::ofstream(folder_ / "old.onnx") << "precious";
  write_npz(folder_ / "data.npz", {{"x", Tensor(DType::kFloat32, {0, 3, 8, 8})}});
  const ProgramResult result = run_octavo("quantize " + path("model.onnx") + " --calibration " +
                                          path("data.npz") + " -o " + path("old.onnx"));
  EXPECT_NE(result.exit_code, 0);
  std::ifstream stream(folder_ / "old.onnx");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(stream), {}), "precious");
}

TEST_F(Cli, UnknownWordsListTheKnownOnes) {
  const std::string base = "quantize " + path("model.onnx") + " --calibration " + path("data.npz") +
                           " -o " + path("out.onnx");
  expect_failure(run_octavo(base + " --target tpu"), 3, {"'tpu'", "onnxruntime-x86"});
  expect_failure(run_octavo(base + " --calibrator kl"), 3, {"'kl'", "entropy"});
  expect_failure(run_octavo(base + " --activations lopsided"), 3, {"'lopsided'", "symmetric"});
  expect_failure(run_octavo(base + " --weight-type int3"), 3,
                 {"--weight-type: 'int3'", "int8, uint8"});
  expect_failure(run_octavo(base + " --activation-type int3"), 3, {"--activation-type: 'int3'"});
  expect_failure(run_octavo(base + " --exclude nothing"), 3, {"'nothing'", "no node"});
  expect_failure(run_octavo(base + " --regime lazy"), 3, {"'lazy'", "hybrid, naive, selective"});
  expect_failure(run_octavo(base + " --rule 'frist=1: float'"), 3, {"'frist'", "first"});
  expect_failure(run_octavo(base + " --input-type int4"), 3, {"--input-type", "'int4'", "uint8"});
  expect_failure(run_octavo(base + " --input-pixels"), 3, {"--input-pixels", "data recipe"});
}

}  // namespace
}  // namespace octavo
