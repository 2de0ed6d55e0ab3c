// What can be told of tensors' types and shapes without running the model.
#pragma once

#include <optional>
#include <string_view>
#include <unordered_map>

#include "model/graph.h"
#include "octavo/tensor.h"

namespace octavo {

// Declarations and initializers, followed through the operators that keep a type or a shape:
// elementwise ones, convolutions, pooling, Flatten, Gemm, MatMul, Reshape to a constant shape, and
// the like. Valid as long as the graph.
class KnownTypes {
 public:
  explicit KnownTypes(const Graph& graph);

  std::optional<DType> dtype(std::string_view tensor) const;
  // A dimension that is not known is -1; none where not even the rank is known.
  std::optional<Shape> shape(std::string_view tensor) const;
  std::optional<int> rank(std::string_view tensor) const;

 private:
  void declare(const onnx::ValueInfoProto& info);
  void infer(const onnx::NodeProto& node);
  std::optional<Shape> infer_shape(const onnx::NodeProto& node) const;
  std::optional<Shape> length_of_shape(const onnx::NodeProto& node) const;
  std::optional<Shape> broadcast(const onnx::NodeProto& node) const;
  std::optional<Shape> reshaped(const onnx::NodeProto& node) const;
  std::optional<Shape> multiplied(const onnx::NodeProto& node) const;
  std::optional<Shape> convolved(const onnx::NodeProto& node) const;
  // Operators that only move elements (known_types_moved.cpp).
  std::optional<Shape> moved(const onnx::NodeProto& node) const;
  std::optional<Shape> concatenated(const onnx::NodeProto& node) const;
  std::optional<Shape> gathered(const onnx::NodeProto& node) const;
  std::optional<Shape> sliced(const onnx::NodeProto& node) const;
  std::optional<Shape> squeezed(const onnx::NodeProto& node) const;
  std::optional<Shape> transposed(const onnx::NodeProto& node) const;
  std::optional<Shape> unsqueezed(const onnx::NodeProto& node) const;
  std::optional<Shape> first_input_shape(const onnx::NodeProto& node) const;

  const Graph* graph_;
  std::unordered_map<std::string_view, DType> dtypes_;
  std::unordered_map<std::string_view, Shape> shapes_;
};

}  // namespace octavo
