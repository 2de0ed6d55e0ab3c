#include "placement/merge_profiles.h"

#include <gtest/gtest.h>

#include "support/error_matchers.h"

namespace octavo {
namespace {

// A profile with one operator beside Conv.
Profile profile(std::string_view name, std::string_view activation, std::string_view bias,
                std::string_view operators) {
  std::string text = R"({
    "format": 1, "name": "NAME", "description": "", "runtime": "", "architectures": ["x86_64"],
    "sources": [], "opset": 13,
    "activation": {ACTIVATION, "granularity": "per_tensor"},
    "weight": {"dtype": "int8", "symmetry": "symmetric", "granularity": "per_channel",
               "types": ["int8"]},
    BIAS,
    "absorbed_activations": ["Relu"],
    "operators": {OPERATORS}
  })";
  for (const auto& [word, value] :
       std::initializer_list<std::pair<std::string_view, std::string_view>>{
           {"NAME", name}, {"ACTIVATION", activation}, {"BIAS", bias}, {"OPERATORS", operators}}) {
    text.replace(text.find(word), word.size(), value);
  }
  return parse_profile(text, std::string(name));
}

constexpr std::string_view kUnsigned =
    R"("dtype": "uint8", "symmetry": "asymmetric", "types": ["uint8", "int8"])";
constexpr std::string_view kSigned =
    R"("dtype": "int8", "symmetry": "symmetric", "types": ["int8"], "reduced_bits": 1)";
constexpr std::string_view kInt32 = R"("bias": "int32")";
constexpr std::string_view kConv = R"("Conv": {"role": "weighted"})";

TEST(MergeProfiles, TheStricterDemandWins) {
  const Profile merged =
      merge_profiles(profile("a", kUnsigned, kInt32,
                             R"("Conv": {"role": "weighted", "output": "float_where_not_reused"},
                                "Pad": {"role": "pass_through"}, "Mul": {"role": "joined"},
                                "Concat": {"role": "joined"})"),
                     profile("b", kSigned, kInt32,
                             R"("Conv": {"role": "weighted", "granularity": "per_tensor"},
                                "Pad": {"role": "integer_pass_through"},
                                "Concat": {"role": "joined",
                                           "prefer_equal_scales_up_to_range_ratio": 2})"));
  EXPECT_EQ(merged.name, "a,b");
  EXPECT_TRUE(merged.requantized_in_float.empty());
  EXPECT_EQ(merged.activation.dtype, DType::kInt8);
  EXPECT_EQ(merged.activation.symmetry, Symmetry::kSymmetric);
  EXPECT_EQ(merged.activation.reduced_bits, 1);
  EXPECT_EQ(merged.rule("Conv")->output, OutputForm::kQuantized);
  EXPECT_EQ(merged.rule("Conv")->granularity, Granularity::kPerTensor);
  EXPECT_EQ(merged.rule("Pad")->role, OperatorRole::kIntegerPassThrough);
  EXPECT_EQ(merged.rule("Concat")->prefer_equal_scales_up_to_range_ratio, 2);
  EXPECT_EQ(merged.rule("Mul"), nullptr) << "only one of them runs it";
}

TEST(MergeProfiles, WhatOneOfThemRequantizesIsGuardedForBoth) {
  for (const char* names : {"onnxruntime-x86,openvino", "openvino,onnxruntime-x86"}) {
    EXPECT_EQ(load_profile(names).requantized_in_float,
              (std::vector<std::string>{"Conv", "ConvTranspose", "Gemm"}))
        << names;
  }
}

TEST(MergeProfiles, ABiasThatBothTakeIsChosen) {
  const Profile merged = merge_profiles(
      profile("a", kUnsigned, R"("bias": "float32", "bias_forms": ["float32", "int32"])", kConv),
      profile("b", kUnsigned, kInt32, kConv));
  EXPECT_EQ(merged.bias, BiasForm::kInt32);
}

TEST(MergeProfiles, ContradictionsNameBothLines) {
  const Profile first = profile("a", kUnsigned, kInt32, kConv);
  EXPECT_OCTAVO_ERROR(merge_profiles(first, profile("b", kUnsigned, R"("bias": "float32")", kConv)),
                      ErrorCode::kUnsupported, "'a' and 'b'", "bias", "a.json:7", "b.json:7");
  EXPECT_OCTAVO_ERROR(
      merge_profiles(
          first, profile("b", R"("dtype": "int16", "symmetry": "symmetric", "types": ["int16"])",
                         kInt32, kConv)),
      ErrorCode::kUnsupported, "no type of activations", "a.json:4", "b.json:4");
  EXPECT_OCTAVO_ERROR(
      merge_profiles(first, profile("b", kUnsigned, kInt32, R"("Conv": {"role": "unary"})")),
      ErrorCode::kUnsupported, "different roles", "operators.Conv");
}

TEST(MergeProfiles, ATargetMergedWithItselfIsItself) {
  for (const ShippedProfile& shipped : shipped_profiles()) {
    const Profile one = load_profile(shipped.name);
    const Profile both = merge_profiles(one, one);
    EXPECT_EQ(both.operators.size(), one.operators.size()) << shipped.name;
    EXPECT_EQ(both.activation, one.activation) << shipped.name;
    EXPECT_EQ(both.weight, one.weight) << shipped.name;
    EXPECT_EQ(both.modes.size(), one.modes.size()) << shipped.name;
  }
}

TEST(MergeProfiles, ShippedTargetsMergeByName) {
  const Profile both = load_profile("onnxruntime-x86,openvino");
  EXPECT_EQ(both.bias, BiasForm::kInt32);
  EXPECT_EQ(both.runtime, "onnxruntime");
  EXPECT_NE(both.rule("Conv"), nullptr);
  EXPECT_OCTAVO_ERROR(load_profile("onnxruntime-x86,tensorrt"), ErrorCode::kUnsupported,
                      "onnxruntime-x86.json:", "tensorrt.json:");
  EXPECT_OCTAVO_ERROR(load_profile("onnxruntime-x86,tpu"), ErrorCode::kInvalidArgument, "'tpu'");
}

}  // namespace
}  // namespace octavo
