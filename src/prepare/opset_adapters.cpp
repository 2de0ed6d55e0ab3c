#include "prepare/opset_adapters.h"

#include <map>
#include <string_view>
#include <utility>

#include "prepare/operator_match.h"
#include "prepare/opset_rules.h"

namespace octavo {
namespace {

using Rule = std::vector<onnx::NodeProto> (*)(const AdapterContext&, const onnx::NodeProto&);

struct Change {
  std::string_view op_type;
  int version;
  auto operator<=>(const Change&) const = default;
};

// Operators whose meaning or signature changed, by the version that changed them. All others only
// gained element types or optional parts.
const std::map<Change, Rule>& rules() {
  static const std::map<Change, Rule> kTable = {
      {{"BatchNormalization", 9}, rule::drop_spatial},
      {{"BatchNormalization", 14}, rule::drop_batch_statistics},
      {{"Clip", 11}, rule::clip_bounds_to_inputs},
      {{"DFT", 20}, rule::dft_axis_to_input},
      {{"Dropout", 10}, rule::refuse_float_mask},
      {{"Dropout", 12}, rule::drop_ratio},
      {{"GridSample", 20}, rule::rename_grid_sample_mode},
      {{"GroupNormalization", 21}, rule::refuse},
      {{"Hardmax", 13}, rule::single_axis},
      {{"LogSoftmax", 13}, rule::single_axis},
      {{"Pad", 11}, rule::pads_to_inputs},
      {{"ReduceL1", 18}, rule::axes_to_input},
      {{"ReduceL2", 18}, rule::axes_to_input},
      {{"ReduceLogSum", 18}, rule::axes_to_input},
      {{"ReduceLogSumExp", 18}, rule::axes_to_input},
      {{"ReduceMax", 18}, rule::axes_to_input},
      {{"ReduceMean", 18}, rule::axes_to_input},
      {{"ReduceMin", 18}, rule::axes_to_input},
      {{"ReduceProd", 18}, rule::axes_to_input},
      {{"ReduceSum", 13}, rule::axes_to_input},
      {{"ReduceSumSquare", 18}, rule::axes_to_input},
      {{"Resize", 11}, rule::resize_with_explicit_coordinates},
      {{"Resize", 13}, rule::refuse_half_pixel_for_nearest},
      {{"RoiAlign", 16}, rule::roi_align_with_explicit_coordinates},
      {{"Scan", 9}, rule::refuse},
      {{"Scatter", 11}, rule::scatter_to_scatter_elements},
      {{"Slice", 10}, rule::slice_bounds_to_inputs},
      {{"Softmax", 13}, rule::single_axis},
      {{"Split", 13}, rule::split_to_input},
      {{"Split", 18}, rule::count_split_outputs},
      {{"Squeeze", 13}, rule::axes_to_input},
      {{"TopK", 10}, rule::k_to_input},
      {{"Unsqueeze", 13}, rule::axes_to_input},
      {{"Upsample", 9}, rule::scales_to_input},
      {{"Upsample", 10}, rule::upsample_to_resize},
  };
  return kTable;
}

}  // namespace

std::vector<onnx::NodeProto> adapt(const AdapterContext& context, const onnx::NodeProto& node,
                                   int version) {
  if (!has_operands(node, 1)) return {};
  const auto found = rules().find({node.op_type(), version});
  return found == rules().end() ? std::vector<onnx::NodeProto>() : found->second(context, node);
}

}  // namespace octavo
