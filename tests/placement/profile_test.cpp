#include "placement/profile.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

#include "support/error_matchers.h"
#include "support/paths.h"

namespace octavo {
namespace {

constexpr ErrorCode kBad = ErrorCode::kInvalidFile;

std::string shipped_text() {
  for (const ShippedProfile& profile : shipped_profiles()) {
    if (profile.name == "onnxruntime-x86") return std::string(profile.text);
  }
  return {};
}

// That profile with one piece of its text replaced.
std::string edited(const std::string& from, const std::string& to) {
  std::string text = shipped_text();
  const std::size_t position = text.find(from);
  EXPECT_NE(position, std::string::npos) << from;
  return text.replace(position, from.size(), to);
}

TEST(Profile, EveryShippedProfileIsItsFileAndIsReadable) {
  ASSERT_FALSE(shipped_profiles().empty());
  for (const ShippedProfile& shipped : shipped_profiles()) {
    const Profile profile = load_profile(shipped.name);
    EXPECT_EQ(profile.name, shipped.name);
    EXPECT_FALSE(profile.sources.empty()) << shipped.name;
    EXPECT_FALSE(profile.operators.empty()) << shipped.name;
    std::ifstream stream(testing::source_dir() / "profiles" / (profile.name + ".json"));
    std::stringstream text;
    text << stream.rdbuf();
    EXPECT_EQ(text.str(), shipped.text);
  }
}

TEST(Profile, OnnxruntimeX86IsU8S8PerChannel) {
  const Profile profile = load_profile("onnxruntime-x86");
  EXPECT_EQ(profile.runtime, "onnxruntime");
  EXPECT_EQ(profile.activation.dtype, DType::kUint8);
  EXPECT_EQ(profile.activation.symmetry, Symmetry::kAsymmetric);
  EXPECT_EQ(profile.weight.dtype, DType::kInt8);
  EXPECT_TRUE(profile.weight.narrow_range);
  EXPECT_EQ(profile.weight_granularity, Granularity::kPerChannel);
  ASSERT_NE(profile.rule("Conv"), nullptr);
  EXPECT_EQ(profile.rule("Conv")->role, OperatorRole::kWeighted);
  EXPECT_EQ(profile.rule("Softmax"), nullptr);
  EXPECT_TRUE(profile.absorbs("Relu"));
  EXPECT_FALSE(profile.absorbs("Sigmoid"));
  EXPECT_EQ(profile.rule("Sigmoid")->output_range, (Range{0, 1}));
}

TEST(Profile, AFileServesLikeAShippedOne) {
  const testing::TemporaryDirectory folder;
  std::ofstream(folder / "mine.json") << edited("\"onnxruntime-x86\"", "\"mine\"");
  EXPECT_EQ(load_profile((folder / "mine.json").string()).name, "mine");
}

TEST(Profile, OnlyTargetsOfThisKindOfMachineAreMeasuredHere) {
  Profile profile = load_profile("onnxruntime-x86");
  profile.architectures = {"x86_64", "aarch64"};
  EXPECT_TRUE(profile.runs_here());
  profile.architectures = {"abacus"};
  EXPECT_FALSE(profile.runs_here());
  EXPECT_FALSE(load_profile("tensorrt").runs_here());
}

TEST(Profile, TypesOfTheShippedTargetsAreTheirKernels) {
  const auto codes = [](const char* target) {
    const Profile profile = load_profile(target);
    return std::pair(code_range(profile.activation), code_range(profile.weight));
  };
  EXPECT_EQ(codes("onnxruntime-x86-avx2"), std::pair(CodeRange{0, 255}, CodeRange{-63, 63}));
  EXPECT_EQ(codes("onnxruntime-arm"), std::pair(CodeRange{-128, 127}, CodeRange{-127, 127}));
  EXPECT_EQ(codes("tensorrt"), std::pair(CodeRange{-128, 127}, CodeRange{-127, 127}));
  EXPECT_EQ(codes("tflite-spec-16x8"), std::pair(CodeRange{-32768, 32767}, CodeRange{-127, 127}));
  EXPECT_EQ(load_profile("tensorrt").bias, BiasForm::kFloat);
  EXPECT_EQ(load_profile("tensorrt").activation.symmetry, Symmetry::kSymmetric);
}

TEST(Profile, UnknownNamesListTheKnownOnes) {
  EXPECT_OCTAVO_ERROR(load_profile("tpu"), ErrorCode::kInvalidArgument, "'tpu'", "onnxruntime-x86");
  EXPECT_OCTAVO_ERROR(load_profile("/nowhere/x.json"), ErrorCode::kNotFound, "/nowhere/x.json");
}

TEST(Profile, SchemaErrorsNameLineAndKey) {
  const auto parse = [](const std::string& text) { return parse_profile(text, "p.json"); };
  EXPECT_OCTAVO_ERROR(parse(edited("\"opset\": 13", "\"opset\": \"new\"")), kBad, "p.json:16",
                      "opset", "'new'", "whole number");
  EXPECT_OCTAVO_ERROR(parse(edited("\"opset\": 13", "\"opsets\": 13")), kBad, "'opset' is missing");
  EXPECT_OCTAVO_ERROR(parse(edited("\"format\": 1", "\"format\": 2")), kBad, "p.json:2", "format",
                      "expected 1");
  EXPECT_OCTAVO_ERROR(parse(edited("\"dtype\": \"uint8\"", "\"dtype\": \"u8\"")), kBad, "p.json:17",
                      "activation.dtype", "u8");
  EXPECT_OCTAVO_ERROR(parse(edited("\"role\": \"joined\"", "\"role\": \"glued\"")), kBad,
                      "operators.Add.role", "'glued'", "weighted, joined, unary");
  EXPECT_OCTAVO_ERROR(parse(edited("\"role\": \"unary\"", "\"role\": \"unary\", \"speed\": 1")),
                      kBad, "unknown key 'speed'");
  EXPECT_OCTAVO_ERROR(parse(edited("[\"uint8\", \"int8\", \"uint16\", \"int16\"]", "[\"int8\"]")),
                      kBad, "activation.types", "uint8, the target's own type, is missing");
  EXPECT_OCTAVO_ERROR(parse(edited("[0, 1]", "[1, 0]")), kBad, "output_range", "[lowest, highest]");
  EXPECT_OCTAVO_ERROR(
      parse(edited("\"granularity\": \"per_tensor\"", "\"granularity\": \"per_channel\"")), kBad,
      "per_tensor only");
}

TEST(Profile, ModesSayWhatTheTargetCanRun) {
  const Profile profile = load_profile("onnxruntime-x86");
  const ModeRules& rules = profile.mode_rules(Mode::kWeightOnly);
  ASSERT_NE(rules.forms("MatMul"), nullptr);
  EXPECT_EQ(ModeRules::choose(*rules.forms("MatMul"), DType::kInt4),
            (TypedForm{DType::kInt4, WeightForm::kMatMulNBits}));
  // A type that is not listed gives way to the first.
  EXPECT_EQ(ModeRules::choose(*rules.forms("Conv"), DType::kInt4),
            (TypedForm{DType::kInt8, WeightForm::kScaledCast}));
  EXPECT_EQ(rules.forms("Relu"), nullptr);
  EXPECT_EQ(rules.block_size.at(DType::kInt4), 32);
  EXPECT_TRUE(profile.mode_rules(Mode::kFloat16).runs_in_half("MatMul"));
  EXPECT_FALSE(profile.mode_rules(Mode::kFloat16).runs_in_half("LSTM"));
  EXPECT_OCTAVO_ERROR(load_profile("tflite-spec").mode_rules(Mode::kDynamic),
                      ErrorCode::kUnsupported, "'tflite-spec' has no mode dynamic", "static");
  EXPECT_OCTAVO_ERROR(profile.mode_rules(Mode::kBfloat16), ErrorCode::kUnsupported,
                      "no mode bfloat16", "static, dynamic, weight-only, float16");
}

TEST(Profile, SchemaErrorsOfModesNameLineAndKey) {
  const auto parse = [](const std::string& text) { return parse_profile(text, "p.json"); };
  EXPECT_OCTAVO_ERROR(parse(edited("\"dynamic\": {", "\"lazy\": {")), kBad, "modes",
                      "unknown key 'lazy'");
  EXPECT_OCTAVO_ERROR(parse(edited("\"scaled_cast\"", "\"glue\"")), kBad,
                      "p.json:", "operators.Conv.int8", "'glue'", "scaled_cast");
  EXPECT_OCTAVO_ERROR(
      parse(edited("{\"int8\": \"gathered_codes\"}", "{\"int7\": \"gathered_codes\"}")), kBad,
      "operators.Gather", "int7");
  EXPECT_OCTAVO_ERROR(parse(edited("{\"int8\": \"gathered_codes\"}", "{}")), kBad,
                      "operators.Gather", "at least one weight type");
  EXPECT_OCTAVO_ERROR(parse(edited("\"int4\": 32", "\"int4\": 33")), kBad, "block_size.int4",
                      "33, expected one of block_sizes");
  EXPECT_OCTAVO_ERROR(parse(edited("[16, 32,", "[0, 32,")), kBad, "block_sizes", "positive");
}

}  // namespace
}  // namespace octavo
