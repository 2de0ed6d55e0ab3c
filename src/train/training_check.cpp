#include "train/training_check.h"

#include "octavo/model.h"
#include "train/augmentation.h"
#include "train/mapped.h"
#include "train/objective.h"
#include "train/training_data.h"
#include "train/training_device.h"
#include "train/training_task.h"

namespace octavo {

void check_training(const std::filesystem::path& folder) {
  const TrainingTask task = read_training_task(folder);
  check(task.options);
  const Model model = read_model(folder / kFloatModel);
  require_mapped(model);
  const at::Device device = training_device(task.options);
  const TrainingData data = open_training_data(task, model);
  if (varies_images(task.options)) image_layout(model.inputs().front());
  // The float model in place of the quantized one, whose nodes and words are the same.
  const Objective objective({model, model, task, device}, data.training->labelled());
}

}  // namespace octavo
