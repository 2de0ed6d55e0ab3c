#include "plan/selector.h"

namespace octavo {
namespace {

NodeList select(const SelectorInput& input) {
  NodeList layers = layers_among(input);
  const std::size_t count = counted(input, "first");
  if (layers.size() > count) layers.resize(count);
  return layers;
}

}  // namespace

const Selector& first_selector() {
  static const Selector kSelector = {
      .word = "first",
      .form = "first=N",
      .help = "the first N layers of those that the other selectors leave, in graph order",
      .arguments = SelectorArguments::kOne,
      .separator = "",
      .order = SelectorOrder::kLast,
      .select = select,
  };
  return kSelector;
}

}  // namespace octavo
