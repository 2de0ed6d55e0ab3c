#include <fmt/format.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl.h>

#include "core/atomic_file.h"
#include "octavo/error.h"
#include "octavo/model.h"
#include "onnx/onnx-ml.pb.h"

namespace octavo {

void write_model(const Model& model, const std::filesystem::path& path) {
  write_file_atomically(path, [&](std::ostream& stream) {
    google::protobuf::io::OstreamOutputStream zero_copy(&stream);
    google::protobuf::io::CodedOutputStream coded(&zero_copy);
    coded.SetSerializationDeterministic(true);
    if (!model.proto().SerializeToCodedStream(&coded)) {
      throw Error(ErrorCode::kIo, fmt::format("{}: the model could not be written (full disk, or "
                                              "over protobuf's 2 GB limit)",
                                              path.string()));
    }
  });
}

}  // namespace octavo
