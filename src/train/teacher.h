// The float model as a teacher: the answers that a quantized network is trained to give.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "train/augmentation.h"
#include "train/network.h"

namespace octavo {

// What the teacher looks at before it answers.
enum class TeacherViews { kPlain, kMirrored };

// Of the word of an option. Throws Error(kInvalidArgument) for an unknown one.
TeacherViews parse_teacher_views(const std::string& word);

struct TeacherOptions {
  std::vector<std::string> outputs;  // tensors that it gives back
  std::size_t answers = 0;           // so many of them, from the first, are answers
  TeacherViews views = TeacherViews::kPlain;
  at::Device device = at::kCPU;
};

class Teacher {
 public:
  // Throws Error as Network does, and Error(kInvalidArgument) where the first input is to be
  // mirrored and is no image.
  Teacher(const Model& model, TeacherOptions options);

  // The float model itself.
  const Network& network() const { return network_; }

  // The outputs. Where it sees the mirror image of the first input too, answers are the mean of
  // both: no label is needed to know more than one look at the image tells (Radosavovic et al.
  // 2018, "Data Distillation", arXiv 1712.04440, section 3). Others are of the image as it is.
  Values answer(const Values& inputs) const;

 private:
  Network network_;
  std::size_t answers_;
  std::optional<ImageLayout> mirrored_;  // none: plain
};

}  // namespace octavo
