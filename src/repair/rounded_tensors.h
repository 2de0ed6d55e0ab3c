// Rounds a few tensors of a float model to codes that are chosen only when it runs, so that one
// loaded model serves every choice.
//
//   before: y = Relu(x),  z = Conv(y, w)
//   after:  r = Clip(Round(y / scale), lowest, highest) * scale,  z = Conv(r, w)
//
// scale, lowest and highest are inputs. What the plan lets read `y` in float still does.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "octavo/dataset.h"
#include "octavo/model.h"
#include "octavo/quantization.h"
#include "plan/plan.h"

namespace octavo {

struct RoundedModel {
  Model model;                                 // without the new inputs in its declared ones
  std::vector<TensorInfo> inputs;              // the new ones: one set for all of the tensors
  std::map<std::string, std::string> rounded;  // by tensor: what stands for it
};

// `plan` is of `model`.
RoundedModel with_rounding(const Model& model, const Plan& plan,
                           std::span<const std::string> tensors);

// Steps of `scale`, from `lowest` to `highest` of them.
struct Rounding {
  float scale = 1;
  float lowest = 0;
  float highest = 0;
};

Rounding to_codes(ScaleZeroPoint params, const Scheme& scheme);
// The two errors that codes make, each by itself: no end, and no steps (4096 times finer ones).
Rounding to_endless_codes(float scale);
Rounding to_range_of_codes(ScaleZeroPoint params, const Scheme& scheme);

// What RoundedModel::inputs are given.
std::vector<Tensor> rounding_inputs(const Rounding& rounding);

// `rounded` with its inputs given once and for all.
Model with_fixed(const RoundedModel& rounded, const Rounding& rounding);

// The samples of `whole`, each with the same tensors behind its own.
class ExtendedDataset final : public Dataset {
 public:
  ExtendedDataset(const Dataset& whole, std::vector<Tensor> more)
      : whole_(whole), more_(std::move(more)) {}
  std::size_t size() const override { return whole_.size(); }
  bool labelled() const override { return whole_.labelled(); }
  Sample at(std::size_t index) const override {
    Sample sample = whole_.at(index);
    sample.inputs.insert(sample.inputs.end(), more_.begin(), more_.end());
    return sample;
  }

 private:
  const Dataset& whole_;
  std::vector<Tensor> more_;
};

}  // namespace octavo
