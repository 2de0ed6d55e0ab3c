// What a rule can say of the nodes it selects, besides keeping them float: one word a setting, the
// same in a rule's text and in YAML, and the same as the flag for the whole model.
#pragma once

#include <string>
#include <string_view>

#include "octavo/recipe.h"

namespace octavo {

// Puts one setting into the rule; `value` is empty for a word that takes none ("float"). Throws
// Error(kInvalidArgument), naming the known words, for an unknown word or value.
void add_setting(Rule& rule, std::string_view word, const std::string& value);

}  // namespace octavo
