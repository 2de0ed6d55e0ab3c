// Samples to calibrate and evaluate on, whatever they are stored in.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "octavo/export.h"
#include "octavo/tensor.h"

namespace octavo {

// What is known of a sample beyond one class, by meaning (docs/data.md): "boxes" and "classes",
// "label_map", "label_set". Without the batch's axis.
using GroundTruth = std::map<std::string, Tensor, std::less<>>;

struct Sample {
  std::vector<Tensor> inputs;  // in the order of the model's inputs, each with a leading batch of 1
  std::optional<std::int64_t> label;
  std::string name;  // file name, or "images[17]": what an error or a report calls it
  GroundTruth truth = {};
};

// Random access; at() may be called from several threads at once.
class OCTAVO_API Dataset {
 public:
  virtual ~Dataset() = default;
  virtual std::size_t size() const = 0;
  virtual bool labelled() const = 0;
  // Throws Error(kInvalidData) naming the sample: unreadable image, NaN, a shape that does not fit.
  virtual Sample at(std::size_t index) const = 0;
};

// Opens what `path` is: an .npz, a folder of images (labelled by subfolder or labels.csv), a folder
// with test_data_set_*, or a .yaml data recipe. `model_inputs` says what the samples must be.
// Throws Error(kNotFound, kInvalidData, kInvalidFile): see docs/data.md.
OCTAVO_API std::unique_ptr<Dataset> open_dataset(const std::filesystem::path& path,
                                                 std::span<const TensorInfo> model_inputs);

}  // namespace octavo
