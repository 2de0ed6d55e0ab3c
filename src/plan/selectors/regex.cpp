#include <fmt/format.h>

#include <regex>

#include "octavo/error.h"
#include "plan/selector.h"

namespace octavo {
namespace {

std::regex compile(const std::string& pattern) {
  try {
    return std::regex(pattern);
  } catch (const std::regex_error& error) {
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("'{}' is not a regular expression: {}", pattern, error.what()));
  }
}

NodeList select(const SelectorInput& input) {
  const std::regex expression = compile(input.arguments.front());
  return filtered(input.candidates, [&](const onnx::NodeProto& node) {
    return std::regex_match(node.name(), expression);
  });
}

}  // namespace

const Selector& regex_selector() {
  static const Selector kSelector = {
      .word = "regex",
      .form = "regex=PATTERN",
      .help = "nodes whose whole name matches",
      .arguments = SelectorArguments::kOne,
      .separator = "",
      .select = select,
  };
  return kSelector;
}

}  // namespace octavo
