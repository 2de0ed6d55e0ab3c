// One rule an incompatible change of an ONNX operator. See opset_adapters.h, which lists what each
// belongs to; every rule takes the node of the older version and returns nodes of the newer one.
#pragma once

#include <vector>

#include "onnx/onnx-ml.pb.h"
#include "prepare/opset_adapters.h"

namespace octavo::rule {

using Nodes = std::vector<onnx::NodeProto>;

// No equivalent: throws Error(kUnsupported).
Nodes refuse(const AdapterContext& context, const onnx::NodeProto& node);

// Attributes that became inputs (opset_rules_inputs.cpp).
Nodes axes_to_input(const AdapterContext& context, const onnx::NodeProto& node);
Nodes clip_bounds_to_inputs(const AdapterContext& context, const onnx::NodeProto& node);
Nodes dft_axis_to_input(const AdapterContext& context, const onnx::NodeProto& node);
Nodes k_to_input(const AdapterContext& context, const onnx::NodeProto& node);
Nodes pads_to_inputs(const AdapterContext& context, const onnx::NodeProto& node);
Nodes scales_to_input(const AdapterContext& context, const onnx::NodeProto& node);
Nodes slice_bounds_to_inputs(const AdapterContext& context, const onnx::NodeProto& node);
Nodes split_to_input(const AdapterContext& context, const onnx::NodeProto& node);

// Meanings that changed (opset_rules_meaning.cpp).
Nodes count_split_outputs(const AdapterContext& context, const onnx::NodeProto& node);
Nodes drop_batch_statistics(const AdapterContext& context, const onnx::NodeProto& node);
Nodes drop_ratio(const AdapterContext& context, const onnx::NodeProto& node);
Nodes drop_spatial(const AdapterContext& context, const onnx::NodeProto& node);
Nodes refuse_float_mask(const AdapterContext& context, const onnx::NodeProto& node);
Nodes refuse_half_pixel_for_nearest(const AdapterContext& context, const onnx::NodeProto& node);
Nodes rename_grid_sample_mode(const AdapterContext& context, const onnx::NodeProto& node);
Nodes resize_with_explicit_coordinates(const AdapterContext& context, const onnx::NodeProto& node);
Nodes roi_align_with_explicit_coordinates(const AdapterContext& context,
                                          const onnx::NodeProto& node);
Nodes scatter_to_scatter_elements(const AdapterContext& context, const onnx::NodeProto& node);
Nodes single_axis(const AdapterContext& context, const onnx::NodeProto& node);
Nodes upsample_to_resize(const AdapterContext& context, const onnx::NodeProto& node);

}  // namespace octavo::rule
