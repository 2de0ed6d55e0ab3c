#include "repair/block/block_operator.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "repair/block/block_operator_makers.h"

namespace octavo {
namespace {

enum class Reach : std::uint8_t { kElementwise, kWider };

struct Entry {
  std::string_view op_type;
  Reach reach;
  MakeBlockOperator* make;
};

constexpr std::array kAll = {
#define OCTAVO_BLOCK_OPERATOR(op_type, reach, make) Entry{#op_type, Reach::reach, make},
#include "repair/block/block_operator_list.inc"
#undef OCTAVO_BLOCK_OPERATOR
};

const Entry* find_entry(std::string_view op_type) {
  const auto* found = std::find_if(kAll.begin(), kAll.end(),
                                   [&](const Entry& entry) { return entry.op_type == op_type; });
  return found == kAll.end() ? nullptr : found;
}

}  // namespace

std::unique_ptr<BlockOperator> make_block_operator(const Graph& graph,
                                                   const onnx::NodeProto& node) {
  const Entry* entry = node.domain().empty() ? find_entry(node.op_type()) : nullptr;
  if (entry == nullptr || node.output_size() != 1) return nullptr;
  return entry->make(graph, node);
}

bool is_elementwise(std::string_view op_type) {
  const Entry* entry = find_entry(op_type);
  return entry != nullptr && entry->reach == Reach::kElementwise;
}

}  // namespace octavo
