#include "runtime/source_names.h"

#include <algorithm>

namespace octavo {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// "conv_token_12" -> "conv": nodes that its layout passes made anew.
std::string_view without_token(std::string_view name) {
  constexpr std::string_view kToken = "_token_";
  const std::size_t begin = name.rfind(kToken);
  if (begin == std::string_view::npos) return name;
  const std::string_view number = name.substr(begin + kToken.size());
  const bool matches = !number.empty() && std::all_of(number.begin(), number.end(), is_digit);
  return matches ? name.substr(0, begin) : name;
}

std::string_view without_prefix(std::string_view name, std::string_view prefix) {
  return name.starts_with(prefix) ? name.substr(prefix.size()) : name;
}

std::string_view without_suffix(std::string_view name, std::string_view suffix) {
  return name.ends_with(suffix) ? name.substr(0, name.size() - suffix.size()) : name;
}

}  // namespace

SourceNames::SourceNames(const onnx::GraphProto& graph) {
  for (const onnx::NodeProto& node : graph.node()) {
    for (const std::string& output : node.output()) nodes_.emplace(output, node.name());
  }
  for (const onnx::NodeProto& node : graph.node()) {
    if (!node.name().empty()) nodes_.insert_or_assign(node.name(), node.name());
  }
}

std::string SourceNames::find(std::string_view executed) const {
  std::string_view name = without_token(executed);
  name = without_suffix(name, "/WithoutBiases");    // OpenVINO: its addition is another node
  name = without_suffix(name, "_nchwc");            // the blocked layout; named after the output
  name = without_prefix(name, "fused ");            // with its activation
  name = without_suffix(name, "/MatMulAddFusion");  // a Gemm made of both
  const auto found = nodes_.find(std::string(name));
  return found == nodes_.end() ? std::string() : found->second;
}

}  // namespace octavo
