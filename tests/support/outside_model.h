// A model whose weights are over 2 GB, at no cost: most of them lie in a sparse file, unread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "octavo/model.h"
#include "onnx/onnx-ml.pb.h"
#include "support/graph_text.h"

namespace octavo::testing {

// Moves the initializer `weight` of the graph in `text` to a file in `folder`, behind 2 GB that
// nothing reads, and reads the model back. `weight` must have a megabyte or more.
inline Model outside_model(std::string_view text, std::string_view weight,
                           const std::filesystem::path& folder) {
  constexpr std::uint64_t kUnreadBytes = 2'000'000'000;
  onnx::ModelProto proto = parse_graph(text).proto();
  std::ofstream data(folder / "weights", std::ios::binary);
  const auto move_out = [&](onnx::TensorProto& tensor, std::uint64_t offset, std::uint64_t length) {
    tensor.clear_raw_data();
    tensor.set_data_location(onnx::TensorProto::EXTERNAL);
    for (const auto& [key, value] :
         std::vector<std::pair<std::string, std::string>>{{"location", "weights"},
                                                          {"offset", std::to_string(offset)},
                                                          {"length", std::to_string(length)}}) {
      auto& entry = *tensor.add_external_data();
      entry.set_key(key);
      entry.set_value(value);
    }
  };
  for (onnx::TensorProto& tensor : *proto.mutable_graph()->mutable_initializer()) {
    if (tensor.name() != weight) continue;
    const std::string bytes = tensor.raw_data();
    data.seekp(static_cast<std::streamoff>(kUnreadBytes));
    data.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    move_out(tensor, kUnreadBytes, bytes.size());
  }
  onnx::TensorProto& unread = *proto.mutable_graph()->add_initializer();
  unread.set_name("unread");
  unread.set_data_type(onnx::TensorProto::FLOAT);
  unread.add_dims(static_cast<std::int64_t>(kUnreadBytes / sizeof(float)));
  move_out(unread, 0, kUnreadBytes);
  data.close();
  const std::filesystem::path file = folder / "model.onnx";
  std::ofstream(file, std::ios::binary) << proto.SerializeAsString();
  return read_model(file);
}

}  // namespace octavo::testing
