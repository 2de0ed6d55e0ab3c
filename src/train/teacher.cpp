#include "train/teacher.h"

#include <fmt/format.h>

#include <utility>

#include "octavo/error.h"

namespace octavo {
namespace {

std::int64_t axis_of_width(ImageLayout layout) {
  return layout == ImageLayout::kChannelsFirst ? 3 : 2;
}

}  // namespace

TeacherViews parse_teacher_views(const std::string& word) {
  if (word == "plain") return TeacherViews::kPlain;
  if (word == "mirrored") return TeacherViews::kMirrored;
  throw Error(ErrorCode::kInvalidArgument,
              fmt::format("teacher '{}', expected plain or mirrored", word));
}

Teacher::Teacher(const Model& model, TeacherOptions options)
    : network_(model, {std::move(options.outputs), {}, {}, options.device}),
      answers_(options.answers) {
  if (options.views == TeacherViews::kMirrored) mirrored_ = image_layout(model.inputs().front());
}

Values Teacher::answer(const Values& inputs) const {
  Values plain = network_.run(inputs);
  if (!mirrored_) return plain;
  Values mirrored = inputs;
  mirrored.front() = inputs.front().flip(axis_of_width(*mirrored_)).contiguous();
  const Values others = network_.run(mirrored);
  for (std::size_t i = 0; i < answers_; ++i) {
    // Whole numbers, as that of a class, have no mean.
    if (plain[i].is_floating_point()) plain[i] = (plain[i] + others[i]) / 2;
  }
  return plain;
}

}  // namespace octavo
