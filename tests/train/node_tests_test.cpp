// Every test of ONNX's own (scripts/setup unpacks them) whose operators are all mapped, through
// libtorch: the stored outputs, a refusal, or an exception that the list below gives a reason for.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "model/graph.h"
#include "model/tensor_proto.h"
#include "octavo/error.h"
#include "octavo/model.h"
#include "onnx/onnx-ml.pb.h"
#include "support/onnx_tests.h"
#include "train/constants.h"
#include "train/network.h"
#include "train/node_test_exceptions.h"
#include "train/operators/operator.h"
#include "train/other_device.h"

namespace octavo {
namespace {

namespace fs = std::filesystem;

constexpr double kTolerance = 1e-4;
constexpr std::string_view kAgrees = "agrees";

// Their outputs were rounded to so many bits; octavo-train computes in float32.
double tolerance_of(DType dtype) {
  if (dtype == DType::kFloat16) return 2e-3;
  return dtype == DType::kBfloat16 ? 2e-2 : kTolerance;
}

bool close(double found, double expected, double tolerance) {
  if (std::isnan(expected) || std::isinf(expected)) {
    return found == expected || (std::isnan(found) && std::isnan(expected));
  }
  return std::abs(found - expected) <= tolerance * std::max(1.0, std::abs(expected));
}

// kAgrees, or the first difference.
std::string difference(const at::Tensor& found, const Tensor& expected) {
  if (!found.defined()) return "differs: no output";
  const auto sizes = found.sizes();
  const Shape shape(sizes.begin(), sizes.end());
  if (shape != expected.shape()) {
    return fmt::format("differs: shape {}, expected {}", to_string(shape),
                       to_string(expected.shape()));
  }
  const at::Tensor values = found.detach().to(at::kCPU, at::kDouble).contiguous();
  const auto* value = values.const_data_ptr<double>();
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (close(value[i], expected.at(i), tolerance_of(expected.dtype()))) continue;
    return fmt::format("differs: element {} is {}, expected {}", i, value[i], expected.at(i));
  }
  return std::string(kAgrees);
}

// What a test feeds may be constants in a real model: operators read those when they are bound.
enum class Inputs { kFed, kStatedButTheFirst };

struct Way {
  Inputs inputs;
  at::Device device;
};

void state_inputs(Model& model, const std::vector<Tensor>& tensors) {
  onnx::GraphProto& graph = *model.mutable_proto().mutable_graph();
  for (std::size_t i = 1; i < tensors.size(); ++i) {
    *graph.add_initializer() = tensor_to_proto(tensors[i], graph.input(static_cast<int>(i)).name());
  }
}

onnx::ModelProto read_proto(const fs::path& folder) {
  onnx::ModelProto proto;
  std::ifstream stream(folder / "model.onnx", std::ios::binary);
  EXPECT_TRUE(proto.ParseFromIstream(&stream)) << folder;
  return proto;
}

// Octavo reads no opset before 7. What PyTorch exported to 6 means the same in 7, but for the axis
// of a broadcast, which these tests state nowhere.
Model read_test(const fs::path& folder) {
  onnx::ModelProto proto = read_proto(folder);
  for (onnx::OperatorSetIdProto& set : *proto.mutable_opset_import()) {
    if (set.domain().empty()) set.set_version(std::max<std::int64_t>(set.version(), 7));
  }
  return Model(std::move(proto));
}

std::string compare(const fs::path& folder, const Way& way) {
  Model model = read_test(folder);
  std::vector<Tensor> inputs = testing::onnx_test_tensors(folder, "input");
  const std::vector<Tensor> expected = testing::onnx_test_tensors(folder, "output");
  if (way.inputs == Inputs::kStatedButTheFirst) {
    state_inputs(model, inputs);
    inputs.resize(std::min<std::size_t>(inputs.size(), 1));
  }
  Values values;
  for (const Tensor& input : inputs) values.push_back(to_torch(input));
  NetworkOptions options{{}, {}, {}, way.device};
  for (const TensorInfo& output : model.outputs()) options.outputs.push_back(output.name);
  const Values found = Network(model, options).run(values);
  if (found.size() != expected.size()) return "differs: number of outputs";
  for (std::size_t i = 0; i < found.size(); ++i) {
    const std::string outcome = difference(found[i], expected[i]);
    if (outcome != kAgrees) return outcome;
  }
  return std::string(kAgrees);
}

std::string outcome_of(const fs::path& folder, const Way& way) {
  try {
    return compare(folder, way);
  } catch (const Error& error) {
    return fmt::format("{}: {}", to_string(error.code()), error.what());
  }
}

// Of tensors alone: no sequences, no bodies, no operators that are not mapped.
bool is_tested(const fs::path& folder) {
  const onnx::GraphProto graph = read_proto(folder).graph();
  const auto is_tensor = [](const onnx::ValueInfoProto& info) {
    return info.type().has_tensor_type();
  };
  const auto is_mapped = [](const onnx::NodeProto& node) {
    return in_default_domain(node) && find_mapped_operator(node.op_type()) != nullptr;
  };
  return std::all_of(graph.input().begin(), graph.input().end(), is_tensor) &&
         std::all_of(graph.output().begin(), graph.output().end(), is_tensor) &&
         std::all_of(graph.node().begin(), graph.node().end(), is_mapped);
}

const testing::NodeTestException* find_exception(std::string_view name, std::string_view outcome) {
  for (const testing::NodeTestException& exception : testing::node_test_exceptions()) {
    if (name.find(exception.name) != std::string_view::npos &&
        outcome.find(exception.outcome) != std::string_view::npos) {
      return &exception;
    }
  }
  return nullptr;
}

TEST(OnnxTests, AgreeOrAreKnownNotTo) {
  const Way ways[] = {{Inputs::kFed, at::kCPU},
                      {Inputs::kStatedButTheFirst, at::kCPU},
                      {Inputs::kStatedButTheFirst, testing::other_device()}};
  std::map<const testing::NodeTestException*, int> used;
  int agreeing = 0;
  for (const std::string_view suite : {"node", "pytorch-converted", "pytorch-operator", "simple"}) {
    for (const fs::path& folder : testing::onnx_test_folders(suite)) {
      if (!is_tested(folder)) continue;
      const std::string name = folder.filename().string();
      for (const Way& way : ways) {
        const std::string outcome = outcome_of(folder, way);
        const testing::NodeTestException* exception = find_exception(name, outcome);
        if (outcome == kAgrees) ++agreeing;
        if (exception != nullptr) ++used[exception];
        EXPECT_TRUE(outcome == kAgrees || exception != nullptr)
            << name << ": " << outcome << (way.device.is_cpu() ? "" : " elsewhere");
      }
    }
  }
  EXPECT_GE(agreeing, testing::kFewestAgreeing) << "scripts/setup unpacks the tests into .deps/";
  RecordProperty("agreeing", agreeing);
  for (const testing::NodeTestException& exception : testing::node_test_exceptions()) {
    EXPECT_TRUE(used.contains(&exception)) << exception.name << " is no exception any more";
  }
}

}  // namespace
}  // namespace octavo
