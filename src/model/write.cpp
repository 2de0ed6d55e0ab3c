#include <fmt/format.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl.h>

#include <algorithm>
#include <optional>
#include <span>

#include "core/atomic_file.h"
#include "model/external_data.h"
#include "model/mapped_file.h"
#include "octavo/error.h"
#include "octavo/model.h"
#include "onnx/onnx-ml.pb.h"

namespace octavo {
namespace {

namespace fs = std::filesystem;

// Runtimes map weights from where a page begins.
constexpr std::uint64_t kAlignment = 4096;
constexpr std::size_t kLeastMovedBytes = 1024;

void write_message(const onnx::ModelProto& proto, const fs::path& path) {
  write_file_atomically(path, [&](std::ostream& stream) {
    google::protobuf::io::OstreamOutputStream zero_copy(&stream);
    google::protobuf::io::CodedOutputStream coded(&zero_copy);
    coded.SetSerializationDeterministic(true);
    if (!proto.SerializeToCodedStream(&coded)) {
      throw Error(ErrorCode::kIo, fmt::format("{}: the model could not be written (full disk, or "
                                              "over protobuf's 2 GB limit)",
                                              path.string()));
    }
  });
}

// All but the weights, which are not copied.
onnx::ModelProto without_weights(const onnx::ModelProto& source) {
  onnx::ModelProto proto;
  proto.set_ir_version(source.ir_version());
  proto.set_producer_name(source.producer_name());
  proto.set_producer_version(source.producer_version());
  proto.set_domain(source.domain());
  proto.set_model_version(source.model_version());
  proto.set_doc_string(source.doc_string());
  *proto.mutable_opset_import() = source.opset_import();
  *proto.mutable_metadata_props() = source.metadata_props();
  *proto.mutable_functions() = source.functions();
  onnx::GraphProto& graph = *proto.mutable_graph();
  graph.set_name(source.graph().name());
  graph.set_doc_string(source.graph().doc_string());
  *graph.mutable_node() = source.graph().node();
  *graph.mutable_input() = source.graph().input();
  *graph.mutable_output() = source.graph().output();
  *graph.mutable_value_info() = source.graph().value_info();
  *graph.mutable_sparse_initializer() = source.graph().sparse_initializer();
  *graph.mutable_quantization_annotation() = source.graph().quantization_annotation();
  *graph.mutable_metadata_props() = source.graph().metadata_props();
  return proto;
}

// Appends weights to a file, one at a time.
class WeightFile {
 public:
  WeightFile(std::ostream& stream, std::string name) : stream_(stream), name_(std::move(name)) {}

  // The tensor without its bytes, which are in the file now.
  onnx::TensorProto move(const onnx::TensorProto& tensor) {
    onnx::TensorProto moved;
    moved.set_name(tensor.name());
    moved.set_doc_string(tensor.doc_string());
    moved.set_data_type(tensor.data_type());
    *moved.mutable_dims() = tensor.dims();
    moved.set_data_location(onnx::TensorProto::EXTERNAL);
    const std::uint64_t offset = begin();
    const std::uint64_t length = append(tensor);
    for (const auto& [key, value] : std::initializer_list<std::pair<std::string, std::string>>{
             {"location", name_},
             {"offset", std::to_string(offset)},
             {"length", std::to_string(length)}}) {
      auto& entry = *moved.add_external_data();
      entry.set_key(key);
      entry.set_value(value);
    }
    return moved;
  }

 private:
  std::uint64_t begin() {
    static constexpr char kZeros[kAlignment] = {};
    const std::uint64_t gap = (kAlignment - written_ % kAlignment) % kAlignment;
    write({kZeros, gap});
    return written_;
  }

  std::uint64_t append(const onnx::TensorProto& tensor) {
    const auto outside = kept_outside(tensor);
    if (!outside) {
      write({tensor.raw_data().data(), tensor.raw_data().size()});
      return tensor.raw_data().size();
    }
    const MappedFile file(outside->path, outside->offset, outside->length);
    write({reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()});
    return outside->length;
  }

  void write(std::span<const char> bytes) {
    stream_.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    written_ += bytes.size();
  }

  std::ostream& stream_;
  std::string name_;
  std::uint64_t written_ = 0;
};

void write_with_weight_file(const onnx::ModelProto& source, const fs::path& path) {
  const fs::path weights = path.string() + ".data";
  onnx::ModelProto proto = without_weights(source);
  write_file_atomically(weights, [&](std::ostream& stream) {
    WeightFile file(stream, weights.filename().string());
    for (const onnx::TensorProto& tensor : source.graph().initializer()) {
      const bool moves = kept_outside(tensor) || tensor.raw_data().size() >= kLeastMovedBytes;
      *proto.mutable_graph()->add_initializer() = moves ? file.move(tensor) : tensor;
    }
  });
  write_message(proto, path);
}

}  // namespace

void write_model(const Model& model, const fs::path& path) {
  const onnx::ModelProto& proto = model.proto();
  const bool inside = !has_outside_data(proto.graph()) && proto.ByteSizeLong() <= kMostInlineBytes;
  inside ? write_message(proto, path) : write_with_weight_file(proto, path);
}

}  // namespace octavo
