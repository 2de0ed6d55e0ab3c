// Edits that passes share. All of them keep graph outputs' names and reads from within subgraphs.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "model/graph.h"
#include "octavo/tensor.h"

namespace octavo {

using NodeSet = std::unordered_set<const onnx::NodeProto*>;

// Removes the nodes from the graph; the order of the others stays.
void erase_nodes(onnx::GraphProto& graph, const NodeSet& nodes);

// Every read of a key, subgraphs included, becomes a read of its value.
void rename_reads(onnx::GraphProto& graph,
                  const std::unordered_map<std::string, std::string>& names);

// Adds an initializer under `wanted`, or that with a number where it is taken. Returns its name.
std::string add_initializer(onnx::GraphProto& graph, const Tensor& tensor,
                            const std::string& wanted);

// The constant float32 tensor of that name, or nothing.
std::optional<Tensor> float_constant(const Graph& graph, std::string_view name);

}  // namespace octavo
