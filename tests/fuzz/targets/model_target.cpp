// A model file as it is read: bytes, protobuf, external data, structure; printed, and written back.
#include <array>

#include "fuzz/model_seeds.h"
#include "fuzz/mutate_model.h"
#include "fuzz/scratch_file.h"
#include "fuzz/target.h"
#include "model/print.h"
#include "octavo/error.h"
#include "octavo/model.h"
#include "octavo/statistics.h"
#include "onnx/onnx-ml.pb.h"

namespace octavo::fuzz {
namespace {

void read(std::string_view bytes) {
  static const auto kWeights = scratch_file("weights.bin", std::string(256, '\x3f'));
  try {
    const Model model = read_model(scratch_file("model.onnx", bytes));
    print_graph(model);
    fingerprint(model);
    model.inputs();
    model.outputs();
  } catch (const Error&) {
  }
}

// One more, whose weights lie in a file of their own.
std::string external_seed(const std::string& seed, std::string_view location) {
  onnx::ModelProto proto;
  proto.ParseFromString(seed);
  onnx::TensorProto& tensor = *proto.mutable_graph()->mutable_initializer(0);
  tensor.clear_raw_data();
  tensor.set_data_location(onnx::TensorProto::EXTERNAL);
  for (const auto& [key, value] : std::array<std::pair<std::string_view, std::string_view>, 3>{
           {{"location", location}, {"offset", "0"}, {"length", "16"}}}) {
    auto& entry = *tensor.add_external_data();
    entry.set_key(std::string(key));
    entry.set_value(std::string(value));
  }
  return proto.SerializeAsString();
}

std::vector<std::string> seeds() {
  std::vector<std::string> all = model_seeds();
  all.push_back(external_seed(all.front(), "weights.bin"));
  all.push_back(external_seed(all.front(), "../weights.bin"));
  all.emplace_back();
  return all;
}

}  // namespace

const Target& model_target() {
  static const Target kTarget = {"model", read, seeds, mutate_model};
  return kTarget;
}

}  // namespace octavo::fuzz
