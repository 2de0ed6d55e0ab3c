// Files that are no models, or that want more than a model may have.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <limits>
#include <string>

#include "octavo/model.h"
#include "onnx/onnx-ml.pb.h"
#include "support/error_matchers.h"
#include "support/graph_text.h"
#include "support/paths.h"

namespace octavo {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kNetwork = R"(
  opset 13
  input x: float32[1,4]
  const w: float32[4,4] = random(1)
  a = MatMul(x, w) "first"
  y = Relu(a) "second"
  output y: float32[1,4]
)";
constexpr std::size_t kWeightBytes = 64;

using Damage = std::function<void(onnx::GraphProto&)>;

class ReadModel : public ::testing::Test {
 protected:
  fs::path write_bytes(const std::string& name, const std::string& bytes) const {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
    return folder_ / name;
  }

  // The network, damaged, as a file in a folder of its own.
  fs::path write_damaged(const Damage& damage) const {
    onnx::ModelProto proto = testing::parse_graph(kNetwork).proto();
    damage(*proto.mutable_graph());
    return write_bytes("model/model.onnx", proto.SerializeAsString());
  }

  // The network with its weight at `location`.
  fs::path write_external(const std::string& location, const std::string& offset = "0",
                          const std::string& length = std::to_string(kWeightBytes)) const {
    return write_damaged([&](onnx::GraphProto& graph) {
      onnx::TensorProto& weight = *graph.mutable_initializer(0);
      weight.clear_raw_data();
      weight.set_data_location(onnx::TensorProto::EXTERNAL);
      const auto say = [&](const char* key, const std::string& value) {
        auto& entry = *weight.add_external_data();
        entry.set_key(key);
        entry.set_value(value);
      };
      say("location", location);
      say("offset", offset);
      say("length", length);
    });
  }

  std::string weights() const { return std::string(kWeightBytes, '\x3f'); }

  testing::TemporaryDirectory folder_;
};

TEST_F(ReadModel, ReadsWeightsBesideIt) {
  write_bytes("model/weights.bin", "xx" + weights());
  const Model model = read_model(write_external("weights.bin", "2"));
  EXPECT_EQ(model.proto().graph().initializer(0).raw_data(), weights());
  write_bytes("model/deep/weights.bin", weights());
  EXPECT_NO_THROW(read_model(write_external("deep/../deep/weights.bin")));
}

TEST_F(ReadModel, RefusesWeightsOutsideItsFolder) {
  write_bytes("weights.bin", weights());
  for (const std::string& location :
       {std::string("../weights.bin"), std::string("../../etc/passwd"), std::string("/etc/passwd"),
        (folder_ / "weights.bin").string(), std::string("deep/../../weights.bin"),
        (folder_ / "model/weights.bin").string()}) {
    EXPECT_OCTAVO_ERROR(read_model(write_external(location)), ErrorCode::kInvalidModel, "'w'",
                        location, "leaves the model's folder");
  }
}

TEST_F(ReadModel, RefusesLinksThatLeaveItsFolder) {
  write_bytes("weights.bin", weights());
  const fs::path model = write_external("link.bin");
  fs::create_symlink("../weights.bin", folder_ / "model/link.bin");
  EXPECT_OCTAVO_ERROR(read_model(model), ErrorCode::kInvalidModel, "'w'", "link.bin",
                      "leaves the model's folder");
  fs::create_directory_symlink("..", folder_ / "model/up");
  EXPECT_OCTAVO_ERROR(read_model(write_external("up/weights.bin")), ErrorCode::kInvalidModel,
                      "up/weights.bin", "leaves the model's folder");
}

TEST_F(ReadModel, FollowsLinksThatStayInside) {
  write_bytes("model/weights.bin", weights());
  fs::create_symlink("weights.bin", folder_ / "model/link.bin");
  EXPECT_NO_THROW(read_model(write_external("link.bin")));
}

TEST_F(ReadModel, RefusesWeightsThatTheFileDoesNotHold) {
  EXPECT_OCTAVO_ERROR(read_model(write_external("absent.bin")), ErrorCode::kNotFound, "'w'",
                      "absent.bin", "missing");
  write_bytes("model/weights.bin", weights());
  EXPECT_OCTAVO_ERROR(read_model(write_external("weights.bin", "1")), ErrorCode::kInvalidModel,
                      "'w'", "bytes 1 to 65", "has 64");
  EXPECT_OCTAVO_ERROR(read_model(write_external("weights.bin", "18446744073709551615", "2")),
                      ErrorCode::kInvalidModel, "'w'", "has 64");
  EXPECT_OCTAVO_ERROR(read_model(write_external("weights.bin", "0", "18446744073709551615")),
                      ErrorCode::kInvalidModel, "'w'", "has 64");
  EXPECT_OCTAVO_ERROR(read_model(write_external("weights.bin", "-1")), ErrorCode::kInvalidModel,
                      "offset is '-1'");
  EXPECT_OCTAVO_ERROR(read_model(write_external("weights.bin", "0", "99999999999999999999")),
                      ErrorCode::kInvalidModel, "length is '99999999999999999999'");
  EXPECT_OCTAVO_ERROR(read_model(write_external("")), ErrorCode::kInvalidModel, "no location");
  EXPECT_OCTAVO_ERROR(read_model(write_external(".")), ErrorCode::kNotFound, "missing");
}

TEST_F(ReadModel, RefusesWhatIsNoGraph) {
  const auto expect_refused = [&](const Damage& damage,
                                  std::initializer_list<std::string_view> parts) {
    try {
      read_model(write_damaged(damage));
      ADD_FAILURE() << "accepted: " << *parts.begin();
    } catch (const Error& error) {
      EXPECT_EQ(to_string(error.code()), "invalid-model");
      testing::expect_message_holds(error, parts);
    }
  };
  expect_refused([](auto& graph) { graph.mutable_node(0)->set_input(0, "y"); },
                 {"'first'", "'y'", "cycle"});
  expect_refused([](auto& graph) { graph.mutable_node(0)->set_input(0, "a"); },
                 {"'first'", "'a'", "cycle"});
  expect_refused([](auto& graph) { graph.mutable_node(1)->set_input(0, "nothing"); },
                 {"'second'", "'nothing'", "which nothing makes"});
  expect_refused([](auto& graph) { graph.mutable_node(1)->set_output(0, "a"); },
                 {"'a' is made twice", "'second'"});
  expect_refused([](auto& graph) { *graph.add_initializer() = graph.initializer(0); },
                 {"'w' is declared twice"});
  expect_refused([](auto& graph) { *graph.add_input() = graph.input(0); },
                 {"'x' is declared twice"});
  expect_refused([](auto& graph) { graph.mutable_output(0)->set_name("z"); },
                 {"'z' is made by nothing"});
  expect_refused([](auto& graph) { graph.clear_output(); }, {"no output"});
  expect_refused([](auto& graph) { graph.mutable_node(0)->mutable_input()->RemoveLast(); },
                 {"'first'", "1 input(s), expected at least 2"});
  expect_refused([](auto& graph) { graph.mutable_node(0)->set_input(0, ""); },
                 {"'first'", "leaves out input 0, expected at least the first 2"});
  expect_refused([](auto& graph) { graph.add_node()->set_op_type("Relu"); },
                 {"Relu", "has no output"});
}

TEST_F(ReadModel, RefusesShapesThatNothingCanHave) {
  const auto shaped = [&](std::int64_t first, std::int64_t second) {
    return write_damaged([=](onnx::GraphProto& graph) {
      graph.mutable_initializer(0)->set_dims(0, first);
      graph.mutable_initializer(0)->set_dims(1, second);
    });
  };
  constexpr std::int64_t kLargest = std::numeric_limits<std::int64_t>::max();
  EXPECT_OCTAVO_ERROR(read_model(shaped(-4, 4)), ErrorCode::kInvalidModel, "'w'", "negative");
  EXPECT_OCTAVO_ERROR(read_model(shaped(kLargest, kLargest)), ErrorCode::kInvalidModel, "'w'");
}

TEST_F(ReadModel, RefusesWeightsThatAreDeclaredButAbsent) {
  const Damage damages[] = {
      // A petabyte is claimed, and nothing is there.
      [](auto& graph) {
        graph.mutable_initializer(0)->set_dims(0, std::int64_t{1} << 48U);
        graph.mutable_initializer(0)->clear_raw_data();
      },
      [](auto& graph) { graph.mutable_initializer(0)->clear_raw_data(); },
      [](auto& graph) { graph.mutable_initializer(0)->set_raw_data("abc"); },
      [](auto& graph) { graph.mutable_initializer(0)->set_data_type(7); },
  };
  for (const Damage& damage : damages) {
    EXPECT_OCTAVO_ERROR(read_model(write_damaged(damage)), ErrorCode::kInvalidModel, "'w'",
                        "bytes");
  }
}

TEST_F(ReadModel, RefusesBytesThatAreNoModel) {
  EXPECT_OCTAVO_ERROR(read_model(folder_ / "absent.onnx"), ErrorCode::kNotFound, "no such file");
  EXPECT_OCTAVO_ERROR(read_model(folder_.path()), ErrorCode::kInvalidModel, "a folder");
  EXPECT_OCTAVO_ERROR(read_model(write_bytes("empty.onnx", "")), ErrorCode::kInvalidModel, "empty");
  EXPECT_OCTAVO_ERROR(read_model(write_bytes("text.onnx", "<html></html>")),
                      ErrorCode::kInvalidModel, "text.onnx", "not an ONNX model");
  const std::string whole = testing::parse_graph(kNetwork).proto().SerializeAsString();
  for (std::size_t size = 1; size < whole.size(); ++size) {
    const fs::path path = write_bytes("cut.onnx", whole.substr(0, size));
    EXPECT_THROW(read_model(path), Error) << size << " of " << whole.size() << " bytes";
  }
}

}  // namespace
}  // namespace octavo
