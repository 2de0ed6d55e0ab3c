#include "modes/model_writer.h"

#include <algorithm>
#include <utility>

#include "model/tensor_proto.h"

namespace octavo {
ModelWriter::ModelWriter(const Model& model)
    : source_(model), graph_(model.proto().graph()), names_(model.proto().graph()) {}

std::string ModelWriter::store(const Tensor& tensor, const std::string& wanted_name) {
  onnx::TensorProto proto = tensor_to_proto(tensor, wanted_name);
  for (const int index : stored_[wanted_name]) {
    const onnx::TensorProto& known = result_.initializer(index);
    const bool same = known.raw_data() == proto.raw_data() &&
                      known.data_type() == proto.data_type() && shape_of(known) == tensor.shape();
    if (same) return known.name();
  }
  proto.set_name(names_.take(wanted_name));
  stored_[wanted_name].push_back(result_.initializer_size());
  return (*result_.add_initializer() = std::move(proto)).name();
}

onnx::NodeProto& ModelWriter::add_node(std::string_view op_type, std::string_view domain,
                                       const std::string& wanted_name,
                                       const std::vector<std::string>& inputs,
                                       const std::vector<std::string>& outputs) {
  onnx::NodeProto& node = *result_.add_node();
  node.set_op_type(std::string(op_type));
  node.set_domain(std::string(domain));
  uses_microsoft_domain_ |= domain == kMicrosoftDomain;
  // A node that is written anew keeps its name; the pool knows it already.
  const bool is_replacement = graph_.node(wanted_name) != nullptr;
  node.set_name(is_replacement ? wanted_name : names_.take(wanted_name));
  for (const std::string& input : inputs) node.add_input(input);
  for (const std::string& output : outputs) node.add_output(output);
  return node;
}

onnx::NodeProto& ModelWriter::add_copy(const onnx::NodeProto& node) {
  return *result_.add_node() = node;
}

Model ModelWriter::finish() && {
  const onnx::GraphProto& source = source_.proto().graph();
  result_.set_name(source.name());
  result_.set_doc_string(source.doc_string());
  *result_.mutable_input() = source.input();
  *result_.mutable_output() = source.output();
  const Graph after(result_);
  std::vector<const onnx::TensorProto*> kept;
  for (const onnx::TensorProto& tensor : source.initializer()) {
    const std::string& name = tensor.name();
    const bool used = !after.uses(name).empty() || after.used_in_subgraph(name) ||
                      after.is_output(name) || after.is_input(name);
    if (used) kept.push_back(&tensor);
  }
  std::vector<const onnx::ValueInfoProto*> declared;
  for (const onnx::ValueInfoProto& info : source.value_info()) {
    if (after.producer(info.name()) != nullptr) declared.push_back(&info);
  }
  for (const onnx::TensorProto* tensor : kept) *result_.add_initializer() = *tensor;
  for (const onnx::ValueInfoProto* info : declared) *result_.add_value_info() = *info;

  onnx::ModelProto proto;
  const onnx::ModelProto& model = source_.proto();
  proto.set_ir_version(model.ir_version());
  proto.set_producer_name("octavo");
  proto.set_domain(model.domain());
  proto.set_model_version(model.model_version());
  proto.set_doc_string(model.doc_string());
  *proto.mutable_opset_import() = model.opset_import();
  *proto.mutable_metadata_props() = model.metadata_props();
  *proto.mutable_functions() = model.functions();
  *proto.mutable_graph() = std::move(result_);
  const auto& imports = proto.opset_import();
  const bool imported = std::any_of(imports.begin(), imports.end(), [](const auto& import) {
    return import.domain() == kMicrosoftDomain;
  });
  if (uses_microsoft_domain_ && !imported) {
    onnx::OperatorSetIdProto& import = *proto.add_opset_import();
    import.set_domain(std::string(kMicrosoftDomain));
    import.set_version(1);
  }
  return Model(std::move(proto));
}

}  // namespace octavo
