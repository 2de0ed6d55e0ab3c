#include "train/node_test_exceptions.h"

namespace octavo::testing {
namespace {

constexpr NodeTestException kExceptions[] = {
    // Types.
    {"", "libtorch has no tensors of uint", "unsigned numbers of 32 and 64 bits"},
    {"FLOAT8", "does not map numbers of type float8", "no float is rounded to 8 bits"},
    {"FLOAT8", "ONNX data type 18 is not", "FLOAT8E4M3FNUZ"},
    {"FLOAT8", "ONNX data type 20 is not", "FLOAT8E5M2FNUZ"},
    {"FLOAT4", "ONNX data type 23 is not", "FLOAT4E2M1"},
    {"float4", "ONNX data type 23 is not", "FLOAT4E2M1"},
    {"E8M0", "ONNX data type 24 is not", "FLOAT8E8M0"},
    {"string", "no numeric elements", "text"},
    {"div_", "a division of", "whole numbers of up to 16 bits are floats here"},
    // Forms.
    {"dropout", "training_mode", "networks run as they will be deployed"},
    {"batchnorm", "training_mode", "networks run as they will be deployed"},
    {"blocked", "blocks", "no profile has codes by blocks that are trained"},
    {"quantizelinear", "a zero point that is computed", "its type is not known before it runs"},
    {"maxpool_with_argmax", "the indices", "libtorch numbers them within a plane"},
    {"col2im", "a block_shape that is not two constants", "libtorch puts windows of pictures back"},
    {"resize", "tf_crop_and_resize", "no exporter of networks writes it"},
    {"quantizelinear_e", "codes are symmetric", "float8 codes are not trained with a zero point"},
    {"attention", "qk_matmul_output_mode", "releases of ONNX number its states differently"},
    {"attention", "nonpad_kv_seqlen", "releases of ONNX differ in what it hides"},
    {"_padded_kv_expanded", "a type that the graph does not declare", "what it casts to is inside"},
    // Where ONNX Runtime, to which octavo-train is held, differs from ONNX too.
    {"resize_downsample_scales_linear_align_corners", "differs: element 1 is 4",
     "corners of the result's length rounded down"},
    {"resize_downsample_scales_cubic_align_corners", "differs: element 1 is 2.5",
     "corners of the result's length rounded down"},
    {"l2normalization_axis_0", "differs: element 5 is 0", "zeros stay zeros"},
    // Octavo reads no opset before 7.
    {"multiparam", "(PRelu)", "a slope for each channel had another shape before opset 7"},
};

}  // namespace

std::span<const NodeTestException> node_test_exceptions() { return kExceptions; }

}  // namespace octavo::testing
