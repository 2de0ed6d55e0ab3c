#include "train/teacher.h"

#include <gtest/gtest.h>

#include "support/error_matchers.h"
#include "support/graph_text.h"

namespace octavo {
namespace {

constexpr std::string_view kRowOfPixels = R"(
  opset 13
  input x: float32[1,1,1,5]
  feature = Relu(x) "feature"
  y = Flatten(feature) "flatten"
  whole = Cast(y) {to=7} "whole"
  output y: float32[1,5]
)";

Values answers(TeacherViews views) {
  const Model model = testing::parse_graph(kRowOfPixels);
  const Teacher teacher(model, {{"y", "whole", "feature"}, 2, views});
  return teacher.answer({at::tensor({1.0F, 2.0F, 3.0F, 5.0F, 8.0F}).reshape({1, 1, 1, 5})});
}

TEST(Teacher, AnswersAsTheFloatModelDoes) {
  const Values plain = answers(TeacherViews::kPlain);
  EXPECT_TRUE(at::equal(plain[0], at::tensor({1.0F, 2.0F, 3.0F, 5.0F, 8.0F}).reshape({1, 5})));
  EXPECT_TRUE(at::equal(plain[1], at::tensor({1, 2, 3, 5, 8}, at::kLong).reshape({1, 5})));
}

TEST(Teacher, AnswersWithTheMeanOfBothViews) {
  const Values mean = answers(TeacherViews::kMirrored);
  EXPECT_TRUE(at::equal(mean[0], at::tensor({4.5F, 3.5F, 3.0F, 3.5F, 4.5F}).reshape({1, 5})));
}

TEST(Teacher, LeavesWholeNumbersAndFeaturesAsTheyAre) {
  const Values mean = answers(TeacherViews::kMirrored);
  EXPECT_TRUE(at::equal(mean[1], at::tensor({1, 2, 3, 5, 8}, at::kLong).reshape({1, 5})));
  EXPECT_TRUE(at::equal(mean[2].flatten(), at::tensor({1.0F, 2.0F, 3.0F, 5.0F, 8.0F})));
}

TEST(Teacher, RefusesToMirrorWhatIsNoImage) {
  const Model model = testing::parse_graph(R"(
    opset 13
    input x: float32[1,5]
    y = Relu(x) "relu"
    output y: float32[1,5]
  )");
  EXPECT_OCTAVO_ERROR(Teacher(model, {{"y"}, 1, TeacherViews::kMirrored}),
                      ErrorCode::kInvalidArgument, "'x' of shape [1, 5] is no image");
}

TEST(Teacher, RefusesAnUnknownWord) {
  EXPECT_OCTAVO_ERROR(parse_teacher_views("both"), ErrorCode::kInvalidArgument,
                      "teacher 'both', expected plain or mirrored");
}

}  // namespace
}  // namespace octavo
