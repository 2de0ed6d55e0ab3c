#include "plan/selector.h"

namespace octavo {
namespace {

NodeList select(const SelectorInput& input) { return input.candidates; }

}  // namespace

const Selector& all_selector() {
  static const Selector kSelector = {
      .word = "all",
      .form = "all",
      .help = "every node",
      .arguments = SelectorArguments::kNone,
      .separator = "",
      .select = select,
  };
  return kSelector;
}

}  // namespace octavo
