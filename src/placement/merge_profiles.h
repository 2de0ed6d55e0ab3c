// One file for several runtimes: a profile that asks of a model what all of them ask.
#pragma once

#include "placement/profile.h"

namespace octavo {

// What both can run, under the stricter demand of the two: symmetric before asymmetric, fewer codes
// before more, per tensor before per channel, codes before a choice of float, shared scales before
// scales of their own. Coverage is measured in the runtimes of all, budgets in the first one's.
// Throws Error(kUnsupported), naming both files' lines, where one demands what the other has not.
Profile merge_profiles(const Profile& first, const Profile& second);

}  // namespace octavo
