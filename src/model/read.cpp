#include <fmt/format.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl.h>

#include <cerrno>
#include <fstream>
#include <limits>
#include <system_error>
#include <utility>

#include "model/check.h"
#include "model/external_data.h"
#include "octavo/error.h"
#include "octavo/model.h"
#include "onnx/onnx-ml.pb.h"

namespace octavo {
namespace {

namespace fs = std::filesystem;

void check_readable(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found) {
    throw Error(ErrorCode::kNotFound, fmt::format("{}: no such file", path.string()));
  }
  if (status.type() == fs::file_type::directory) {
    throw Error(ErrorCode::kInvalidModel,
                fmt::format("{}: a folder, expected an ONNX file", path.string()));
  }
  if (fs::file_size(path, error) == 0 && !error) {
    throw Error(ErrorCode::kInvalidModel, fmt::format("{}: the file is empty", path.string()));
  }
}

}  // namespace

Model read_model(const fs::path& path) {
  check_readable(path);
  std::ifstream stream(path, std::ios::binary);
  if (!stream) {
    throw Error(ErrorCode::kIo, fmt::format("{}: cannot be opened: {}", path.string(),
                                            std::generic_category().message(errno)));
  }
  google::protobuf::io::IstreamInputStream zero_copy(&stream);
  google::protobuf::io::CodedInputStream coded(&zero_copy);
  coded.SetTotalBytesLimit(std::numeric_limits<int>::max());
  onnx::ModelProto proto;
  if (!proto.ParseFromCodedStream(&coded) || !coded.ConsumedEntireMessage()) {
    throw Error(ErrorCode::kInvalidModel,
                fmt::format("{}: not an ONNX model, or truncated", path.string()));
  }
  if (!proto.has_graph()) {
    throw Error(ErrorCode::kInvalidModel,
                fmt::format("{}: there is no graph in it: not an ONNX model", path.string()));
  }
  load_external_data(proto, path.has_parent_path() ? path.parent_path() : fs::path("."));
  Model model(std::move(proto));
  check_model(model, path.string());
  return model;
}

}  // namespace octavo
