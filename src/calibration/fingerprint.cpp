#include <xxhash.h>

#include <string>

#include "octavo/statistics.h"
#include "onnx/onnx-ml.pb.h"

namespace octavo {
namespace {

// Each part's hash seeds the next: a whole model may be larger than protobuf serializes at once.
template <typename Messages>
std::uint64_t hash(const Messages& messages, std::uint64_t seed) {
  for (const auto& message : messages) {
    const std::string bytes = message.SerializeAsString();
    seed = XXH64(bytes.data(), bytes.size(), seed);
  }
  return seed;
}

}  // namespace

std::uint64_t fingerprint(const Model& model) {
  const onnx::GraphProto& graph = model.proto().graph();
  std::uint64_t value = hash(graph.node(), 0);
  value = hash(graph.initializer(), value);
  value = hash(graph.input(), value);
  value = hash(graph.output(), value);
  return value == 0 ? 1 : value;
}

}  // namespace octavo
