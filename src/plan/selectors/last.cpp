#include <algorithm>

#include "plan/selector.h"

namespace octavo {
namespace {

NodeList select(const SelectorInput& input) {
  const NodeList layers = layers_among(input);
  const std::size_t count = std::min(counted(input, "last"), layers.size());
  return {layers.end() - static_cast<std::ptrdiff_t>(count), layers.end()};
}

}  // namespace

const Selector& last_selector() {
  static const Selector kSelector = {
      .word = "last",
      .form = "last=N",
      .help = "the last N layers of those that the other selectors leave, in graph order",
      .arguments = SelectorArguments::kOne,
      .separator = "",
      .order = SelectorOrder::kLast,
      .select = select,
  };
  return kSelector;
}

}  // namespace octavo
