// Constant operands of a graph, read and written as numbers.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/graph.h"
#include "octavo/tensor.h"
#include "onnx/onnx-ml.pb.h"

namespace octavo {

// The values of an initializer that no caller can override; none for anything else, and for element
// types that Octavo does not read (string).
std::optional<Tensor> constant_tensor(const Graph& graph, std::string_view name);
// The same as double.
std::optional<std::vector<double>> constant_values(const Graph& graph, std::string_view name);
// The same of an int64 or int32 tensor; none for another element type.
std::optional<std::vector<std::int64_t>> constant_ints(const Graph& graph, std::string_view name);
// The `axes` of a node: an attribute, or in later opsets the second input. None where neither is
// given, or where a caller feeds them.
std::optional<std::vector<std::int64_t>> constant_axes(const Graph& graph,
                                                       const onnx::NodeProto& node);
// Its one element, whatever the rank; none for a tensor of more or fewer.
std::optional<double> constant_scalar(const Graph& graph, std::string_view name);

// None for element types that Octavo does not read.
std::optional<DType> readable_dtype(int onnx_data_type);

// One element of rank 0, saturated to `dtype`.
Tensor scalar_tensor(DType dtype, double value);

std::vector<double> to_doubles(const Tensor& tensor);
// Rounded once to `dtype`; none if a value is not finite in it.
std::optional<Tensor> from_doubles(DType dtype, const Shape& shape,
                                   const std::vector<double>& values);

// A Constant node that makes `values` as tensor `output`.
onnx::NodeProto constant_node(const Tensor& values, std::string_view output);

}  // namespace octavo
