// A quantized model beside the float model that it was made of: where the error enters, how it
// travels, and what the likely cause is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "octavo/dataset.h"
#include "octavo/dtype.h"
#include "octavo/executor.h"
#include "octavo/export.h"
#include "octavo/model.h"
#include "octavo/quantization.h"

namespace octavo {

// How far a tensor lies from the float model's, over all samples.
struct TensorError {
  double sqnr_db = 0;  // infinite: no difference; NaN: a value that is no number
  // Signal to noise when every channel counts alike, each by its share noise / signal, at most 1.
  // Scaling a channel, and what reads it by the inverse, leaves a network as it is; so it leaves
  // this. A channel a thousand times wider than the others would hide what they lose in sqnr_db.
  double channel_sqnr_db = 0;
  double cosine = 1;
  double relative_error = 0;  // root of noise / signal
};

// The quantizer of a layer's result, and what the float model has there.
struct ResultQuantizer {
  DType dtype = DType::kUint8;
  double scale = 0;
  Range covered;                // what the codes reach
  Range seen;                   // the float model's smallest and largest value
  double deviation = 0;         // the float model's standard deviation
  double clipped_share = 0;     // of the float model's values, beyond what the codes reach
  double rounding_sqnr_db = 0;  // of these values, rounded and clipped, by themselves
};

struct WeightComparison {
  DType dtype = DType::kInt8;
  Granularity granularity = Granularity::kPerTensor;
  bool depthwise = false;
  std::int64_t highest_code = 0;  // magnitude
  // Over output channels: the widest magnitude over the median one.
  double widest_over_median = 1;
  // Against the float weight, as TensorError has them; nothing where the float model has none.
  std::optional<double> sqnr_db = {};
  std::optional<double> channel_sqnr_db = {};
  double clipped_share = 0;
};

struct BiasComparison {
  double saturated_share = 0;  // codes at int32's ends
};

struct Cause {
  std::string_view name;  // "outlier-channel"
  std::string sentence;   // what was found, with figures
  std::string flag;       // of `octavo quantize`, which would mend it; empty: none would
};

// A layer is what lies between one tensor that both models have and those before it: a weighted
// node with its activation, a sum, a Concat.
struct LayerComparison {
  std::string node;  // the float model's name
  std::string op_type;
  std::string tensor;  // its result, the float model's name
  TensorError so_far;  // everything before it is quantized as well
  TensorError own;     // its inputs are the float model's
  // The layer's own error as it counts further on: signal to noise of what the weighted layers that
  // read it, at most one other layer between, make of it in float; of the worst of them. Where
  // there is none, own.channel_sqnr_db; where nothing reads it, own.sqnr_db. Layers that one reads
  // together share its error by their noise.
  double effect_db = 0;
  std::size_t channels = 1;
  double channel_spread = 1;         // the result's widest channel over the median one
  std::size_t starved_channels = 0;  // narrower than 1/32 of the widest: 8 codes of 256 at most
  double starved_input_share = 0;    // of the channels of what it reads; of the worst input
  std::optional<ResultQuantizer> quantizer = {};
  std::optional<WeightComparison> weight = {};
  std::optional<BiasComparison> bias = {};
  std::vector<std::string> inputs = {};       // tensors, without constants
  std::vector<double> input_magnitudes = {};  // largest, of each
  std::vector<std::string> readers = {};      // nodes that read the result
  std::vector<std::string> reader_types = {};
  std::vector<Cause> causes = {};  // the likeliest first; empty for a healthy layer
};

// Of the runtime's own integer kernels against the file computed as it is written.
struct KernelDifference {
  double as_written_sqnr_db = 0;  // of the outputs, against the float model's
  double executed_sqnr_db = 0;
};

struct ComparisonReport {
  std::size_t samples = 0;
  std::string runtime;                       // "onnxruntime 1.31.1"
  std::vector<LayerComparison> layers = {};  // in graph order
  std::vector<std::string> unmatched = {};   // float tensors that the quantized model lacks
  KernelDifference kernels;
  // In float in the file, and on integers in ONNX Runtime.
  std::vector<std::string> unasked_layers = {};
  std::vector<Cause> risks = {};  // of the whole file, here or on other machines
};

struct ComparisonOptions {
  std::size_t samples = 16;                                           // the first ones
  std::function<void(std::size_t done, std::size_t total)> progress;  // may be empty
};

// `quantized` is a Q/DQ model, made by Octavo or by others: tensors that keep the float model's
// name are compared. Memory does not grow with the samples. Throws Error(kInvalidArgument) if the
// models' inputs differ or no inner tensor and no output has the same name in both;
// Error(kInvalidData) without samples.
OCTAVO_API ComparisonReport compare_models(const Model& float_model, const Model& quantized,
                                           const Dataset& data, const ComparisonOptions& options);

// Positions in report.layers, the lowest effect_db first.
OCTAVO_API std::vector<std::size_t> worst_first(const ComparisonReport& report);

OCTAVO_API std::string to_json(const ComparisonReport& report);

struct CauseInfo {
  std::string_view name;
  std::string_view help;  // one line
};
// Every cause that compare_models() knows.
OCTAVO_API std::vector<CauseInfo> known_causes();

}  // namespace octavo
