#include "model/external_data.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "model/tensor_proto.h"
#include "octavo/model.h"
#include "support/error_matchers.h"
#include "support/graph_text.h"

namespace octavo {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMegabyte = 1 << 20;

// A folder with a model whose weight lies in a file beside it.
class ExternalData : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() /
              (std::string("octavo_external_") +
               ::testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::create_directories(folder_ / "inside");
  }
  void TearDown() override { fs::remove_all(folder_); }

  void make_file(const fs::path& path, std::uint64_t bytes) const {
    std::ofstream(folder_ / path).put('\0');
    fs::resize_file(folder_ / path, bytes);
  }

  static void set_external(onnx::TensorProto& tensor, const std::string& location,
                           std::uint64_t offset, std::uint64_t length) {
    tensor.clear_raw_data();
    tensor.set_data_location(onnx::TensorProto::EXTERNAL);
    for (const auto& [key, value] : std::initializer_list<std::pair<std::string, std::string>>{
             {"location", location},
             {"offset", std::to_string(offset)},
             {"length", std::to_string(length)}}) {
      auto& entry = *tensor.add_external_data();
      entry.set_key(key);
      entry.set_value(value);
    }
  }

  fs::path write(const onnx::ModelProto& proto) const {
    std::ofstream stream(folder_ / "model.onnx", std::ios::binary);
    proto.SerializeToOstream(&stream);
    return folder_ / "model.onnx";
  }

  static onnx::ModelProto small_model() {
    return testing::parse_graph(R"(
      opset 13
      input x: float32[N,2]
      const w: float32[2,2] = 1 2 3 4
      y = MatMul(x, w) "product"
      output y: float32[N,2]
    )")
        .proto();
  }

  // One weight for each of these sizes, in one file of zeros but for the first value of each.
  onnx::ModelProto large_model(const std::vector<std::uint64_t>& megabytes) const {
    onnx::ModelProto proto = small_model();
    std::uint64_t offset = 0;
    std::ofstream stream(folder_ / "weights", std::ios::binary);
    for (const std::uint64_t size : megabytes) {
      onnx::TensorProto& tensor = *proto.mutable_graph()->add_initializer();
      tensor.set_name("of " + std::to_string(size) + " MB");
      tensor.set_data_type(onnx::TensorProto::FLOAT);
      tensor.add_dims(static_cast<std::int64_t>(size * kMegabyte / sizeof(float)));
      set_external(tensor, "weights", offset, size * kMegabyte);
      const auto first = static_cast<float>(size);
      stream.seekp(static_cast<std::streamoff>(offset));
      stream.write(reinterpret_cast<const char*>(&first), sizeof first);
      offset += size * kMegabyte;
    }
    stream.close();
    fs::resize_file(folder_ / "weights", offset);  // sparse: it costs no disk
    return proto;
  }

  fs::path folder_;
};

TEST_F(ExternalData, SmallOnesAreLoaded) {
  const float values[] = {5, 6, 7, 8};
  std::ofstream(folder_ / "inside" / "w", std::ios::binary)
      .write(reinterpret_cast<const char*>(values), sizeof values);
  onnx::ModelProto proto = small_model();
  set_external(*proto.mutable_graph()->mutable_initializer(0), "inside/w", 0, sizeof values);
  const Model model = read_model(write(proto));
  const onnx::TensorProto& tensor = model.proto().graph().initializer(0);
  EXPECT_FALSE(kept_outside(tensor).has_value());
  EXPECT_EQ(tensor_from_proto(tensor).at(3), 8);
}

TEST_F(ExternalData, MoreThanProtobufHoldsStaysOutside) {
  const Model model = read_model(write(large_model({1900, 20})));
  EXPECT_TRUE(has_outside_data(model.proto().graph()));
  const auto outside = kept_outside(model.proto().graph().initializer(2));
  ASSERT_TRUE(outside.has_value());
  EXPECT_EQ(outside->offset, 1900 * kMegabyte);
  EXPECT_EQ(tensor_from_proto(model.proto().graph().initializer(2)).at(0), 20);
  EXPECT_FALSE(kept_outside(model.proto().graph().initializer(0)).has_value()) << "w is small";
  EXPECT_LT(model.proto().ByteSizeLong(), kMegabyte);
}

TEST_F(ExternalData, WhatFitsIsLoadedAsBefore) {
  EXPECT_FALSE(has_outside_data(read_model(write(large_model({20}))).proto().graph()));
}

TEST_F(ExternalData, LocationsOutsideTheFolderAreRefused) {
  make_file("secret", 16);
  for (const char* location : {"../secret", "inside/../../secret", "/etc/passwd"}) {
    onnx::ModelProto proto = small_model();
    set_external(*proto.mutable_graph()->mutable_initializer(0), location, 0, 16);
    EXPECT_OCTAVO_ERROR(read_model(write(proto)), ErrorCode::kInvalidModel, "'w'", "leaves");
  }
}

TEST_F(ExternalData, ANameThatNoFileSystemTakesIsRefused) {
  onnx::ModelProto proto = small_model();
  const std::string long_name(300, 'x');
  set_external(*proto.mutable_graph()->mutable_initializer(0), long_name, 0, 16);
  EXPECT_OCTAVO_ERROR(read_model(write(proto)), ErrorCode::kInvalidModel, "'w'", "location 'xxx",
                      "too long");
}

TEST_F(ExternalData, AFileCannotClaimToBeChecked) {
  make_file("w", 16);
  onnx::ModelProto proto = small_model();
  onnx::TensorProto& tensor = *proto.mutable_graph()->mutable_initializer(0);
  set_external(tensor, "w", 0, 16);
  auto& entry = *tensor.add_external_data();
  entry.set_key("octavo.checked_path");
  entry.set_value("/etc/passwd");
  EXPECT_EQ(tensor_from_proto(read_model(write(proto)).proto().graph().initializer(0)).at(0), 0);
}

TEST_F(ExternalData, RangesBeyondTheFileAreRefused) {
  make_file("w", 15);
  onnx::ModelProto proto = small_model();
  set_external(*proto.mutable_graph()->mutable_initializer(0), "w", 0, 16);
  EXPECT_OCTAVO_ERROR(read_model(write(proto)), ErrorCode::kInvalidModel, "'w'", "15");
}

TEST_F(ExternalData, DataThatNobodyLoadedAreAnError) {
  onnx::ModelProto proto = small_model();
  set_external(*proto.mutable_graph()->mutable_initializer(0), "w", 0, 16);
  EXPECT_OCTAVO_ERROR(tensor_from_proto(proto.graph().initializer(0)), ErrorCode::kInvalidModel,
                      "'w'", "not loaded");
}

TEST_F(ExternalData, WhatIsOutsideIsWrittenToAFileBesideTheModel) {
  Model model = read_model(write(large_model({1950, 3})));
  model.mutable_proto().mutable_graph()->mutable_initializer()->DeleteSubrange(1, 1);
  const fs::path path = folder_ / "written.onnx";
  write_model(model, path);
  EXPECT_EQ(fs::file_size(folder_ / "written.onnx.data"), 3 * kMegabyte);
  const Model back = read_model(path);
  ASSERT_EQ(back.proto().graph().initializer_size(), 2);
  EXPECT_EQ(tensor_from_proto(back.proto().graph().initializer(0)).at(3), 4);
  EXPECT_EQ(tensor_from_proto(back.proto().graph().initializer(1)).at(0), 3);
}

}  // namespace
}  // namespace octavo
