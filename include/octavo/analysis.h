// Which layer hurts: what each one loses by itself, and what that does to the network's outputs.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "octavo/dataset.h"
#include "octavo/export.h"
#include "octavo/model.h"
#include "octavo/quantization.h"
#include "octavo/quantize.h"
#include "octavo/statistics.h"

namespace octavo {

// What one quantizer loses, from its parameters and what is known of the values: no run needed.
struct QuantizerError {
  Range seen;                // smallest and largest value
  Range covered;             // what the codes reach; of several scales, the widest
  double scale = 0;          // of several, the largest
  double sqnr_db = 0;        // infinite: nothing is lost
  double clipped_share = 0;  // of the values, beyond what the codes reach
  // How far the values lie apart: an activation's range over its standard deviation, a weight's
  // widest output channel over the median one.
  double unevenness = 0;
};

// A layer is a weighted node that the target runs on integers, with the activation that it absorbs.
// Every quantizer counts for the layer that makes its tensor; one whose tensor no layer makes (the
// network's input, a sum) for the layers that read it.
struct LayerSensitivity {
  std::string node;
  std::string op_type;
  std::size_t weights = 0;  // elements
  std::optional<Granularity> weight_granularity = {};
  std::optional<QuantizerError> weight = {};      // none where it multiplies two activations
  std::optional<QuantizerError> activation = {};  // its result; none where that stays float
  // Of the network's outputs against the float network's while only this layer is quantized.
  double output_sqnr_db = 0;
  std::optional<double> metric = {};  // the one asked for, in the same setting
  std::string hint = {};              // plain words; empty where the numbers say nothing
};

struct SensitivityReport {
  std::size_t samples = 0;
  std::string runtime;                        // "onnxruntime 1.31.1"
  std::string metric = {};                    // empty: none was asked for
  std::optional<double> float_metric = {};    // none where it compares with the float network
  std::vector<LayerSensitivity> layers = {};  // the lowest output SQNR first
};

struct AnalysisOptions {
  QuantizeOptions quantize;  // its coverage plays no part: every layer that could be quantized is
  std::size_t samples = 16;  // to run on, evenly spread over the data; at most as many as there are
  std::string metric = {};   // by name; empty: only the outputs' SQNR
  std::function<void(std::size_t done, std::size_t total)> progress;  // layers; may be empty
};

// Calibrates on `data`, then measures each layer on some of them. Throws as its parts do.
OCTAVO_API SensitivityReport analyze_model(const Model& model, const Dataset& data,
                                           const AnalysisOptions& options);

// The same with statistics made before, of the same model and target.
OCTAVO_API SensitivityReport analyze_model(const Model& model, const Statistics& statistics,
                                           const Dataset& data, const AnalysisOptions& options);

OCTAVO_API std::string to_json(const SensitivityReport& report);

}  // namespace octavo
