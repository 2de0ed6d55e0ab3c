// Codes of a weight, as the forms store them.
#pragma once

#include <string>

#include "model/graph.h"
#include "modes/model_writer.h"
#include "modes/weight_plan.h"
#include "octavo/tensor.h"

namespace octavo {

// A weight's codes with their parameters, laid out as a form wants them.
struct StoredCodes {
  Tensor codes;
  QuantParams params;
};

StoredCodes quantized(const PlannedWeight& weight, const Graph& graph);
// The transposed matrix, its parameters with it.
StoredCodes transposed(const StoredCodes& stored);

// Called after `subject`, the tensor that they belong to; both return the name.
std::string store_scale(const QuantParams& params, Shape shape, const std::string& subject,
                        ModelWriter& writer);
std::string store_zero_point(const QuantParams& params, Shape shape, const std::string& subject,
                             ModelWriter& writer);

// [C, 1, ...] or [1, C, 1, ...]: what broadcasts scales along params.axis over a tensor of codes.
Shape broadcast_shape(const StoredCodes& stored);
// The zero points as float32 numbers of that shape; empty where all are 0.
std::string store_float_zero_point(const StoredCodes& stored, const std::string& subject,
                                   ModelWriter& writer);

// (codes - zero_point) * scale in float32, from the names of the three; no zero point: "".
struct CastInputs {
  std::string codes;
  std::string scale;
  std::string zero_point;
};
// Writes Cast, Sub and Mul; the Mul is called `name` and makes `output`.
void write_scaled_cast(const CastInputs& inputs, const std::string& name, const std::string& output,
                       ModelWriter& writer);

}  // namespace octavo
