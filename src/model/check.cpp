#include "model/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <unordered_set>

#include "model/attributes.h"
#include "model/graph.h"
#include "model/operators.h"
#include "model/tensor_proto.h"
#include "octavo/error.h"
#include "onnx/onnx-ml.pb.h"

namespace octavo {
namespace {

using Names = std::unordered_set<std::string_view>;

[[noreturn]] void fail(std::string_view where, const std::string& what) {
  throw Error(ErrorCode::kInvalidModel, fmt::format("{}: {}", where, what));
}

void check_opset(const onnx::ModelProto& proto, std::string_view where) {
  for (const auto& import : proto.opset_import()) {
    if (!import.domain().empty() && import.domain() != "ai.onnx") continue;
    if (import.version() >= kOldestOpset && import.version() <= kNewestOpset) return;
    throw Error(ErrorCode::kUnsupported, fmt::format("{}: opset {}, expected {} to {}", where,
                                                     import.version(), kOldestOpset, kNewestOpset));
  }
  fail(where, "the model imports no version of the ONNX operator set");
}

// Strings and types that Octavo does not know are left to the runtime.
bool has_readable_data(const onnx::TensorProto& tensor) {
  const auto types = all_dtypes();
  return tensor.data_location() != onnx::TensorProto::EXTERNAL &&
         std::any_of(types.begin(), types.end(), [&](const DTypeTraits& type) {
           return to_onnx(type.dtype) == tensor.data_type();
         });
}

void check_initializer(const onnx::TensorProto& tensor, std::string_view where) {
  const Shape shape = shape_of(tensor);
  for (const std::int64_t dimension : shape) {
    if (dimension < 0) {
      fail(where, fmt::format("initializer '{}' has a negative dimension in shape {}",
                              tensor.name(), to_string(shape)));
    }
  }
  try {
    element_count(shape);
    if (has_readable_data(tensor)) check_data(tensor);
  } catch (const Error& error) {
    fail(where, fmt::format("initializer '{}': {}", tensor.name(), error.what()));
  }
}

// Whoever looks at a node may then read these inputs, and an output, without asking.
void check_arity(const onnx::NodeProto& node, std::string_view where) {
  if (node.output_size() == 0) fail(where, fmt::format("{} has no output", describe(node)));
  if (!in_default_domain(node)) return;
  const int fewest = fewest_inputs(node.op_type());
  if (node.input_size() < fewest) {
    fail(where, fmt::format("{} has {} input(s), expected at least {}", describe(node),
                            node.input_size(), fewest));
  }
  for (int i = 0; i < fewest; ++i) {
    if (!node.input(i).empty()) continue;
    fail(where, fmt::format("{} leaves out input {}, expected at least the first {}",
                            describe(node), i, fewest));
  }
}

// Names of an outer graph that a body may read come in as `known`.
void check_graph(const onnx::GraphProto& graph, Names known, std::string_view where) {
  Names made;
  for (const auto& input : graph.input()) {
    if (!made.insert(input.name()).second) {
      fail(where, fmt::format("graph input '{}' is declared twice", input.name()));
    }
  }
  Names initializers;
  for (const auto& tensor : graph.initializer()) {
    check_initializer(tensor, where);
    if (!initializers.insert(tensor.name()).second) {
      fail(where, fmt::format("initializer '{}' is declared twice", tensor.name()));
    }
    made.insert(tensor.name());
  }
  known.insert(made.begin(), made.end());
  const Graph index(graph);
  for (const onnx::NodeProto& node : graph.node()) {
    check_arity(node, where);
    for (const std::string& input : node.input()) {
      if (input.empty() || known.contains(input)) continue;
      if (index.producer(input) == nullptr) {
        fail(where, fmt::format("{} reads '{}', which nothing makes", describe(node), input));
      }
      fail(where, fmt::format("{} reads '{}' before {} makes it: a cycle, or nodes out of order",
                              describe(node), input, describe(*index.producer(input))));
    }
    for (const onnx::GraphProto* body : subgraphs(node)) check_graph(*body, known, where);
    for (const std::string& output : node.output()) {
      if (output.empty()) continue;
      if (!made.insert(output).second) {
        fail(where, fmt::format("tensor '{}' is made twice, the second time by {}", output,
                                describe(node)));
      }
      known.insert(output);
    }
  }
  for (const auto& output : graph.output()) {
    if (!known.contains(output.name())) {
      fail(where, fmt::format("graph output '{}' is made by nothing", output.name()));
    }
  }
}

}  // namespace

void check_model(const Model& model, std::string_view where) {
  const onnx::ModelProto& proto = model.proto();
  if (!proto.has_graph()) fail(where, "there is no graph in it: not an ONNX model");
  if (proto.graph().output_size() == 0) fail(where, "the graph has no output");
  check_opset(proto, where);
  check_graph(proto.graph(), {}, where);
}

}  // namespace octavo
