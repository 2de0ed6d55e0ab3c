#include "repair/repair.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "octavo/error.h"

namespace octavo {

#define OCTAVO_FLOAT_REPAIR(name, help) \
  std::vector<FloatProposal> propose_##name(const RepairTask& task);
#define OCTAVO_CODE_REPAIR(name, help) \
  RepairResult repair_##name(const RepairTask& task, Repaired before);
#include "repair/repair_list.inc"
#undef OCTAVO_FLOAT_REPAIR
#undef OCTAVO_CODE_REPAIR

std::span<const Repair> all_repairs() {
#define OCTAVO_FLOAT_REPAIR(name, help) Repair{{#name, help}, propose_##name, nullptr},
#define OCTAVO_CODE_REPAIR(name, help) Repair{{#name, help}, nullptr, repair_##name},
  static const std::array kAll = {
#include "repair/repair_list.inc"
  };
#undef OCTAVO_FLOAT_REPAIR
#undef OCTAVO_CODE_REPAIR
  return kAll;
}

std::span<const RepairInfo> repairs() {
  static const std::vector<RepairInfo> kInfos = [] {
    std::vector<RepairInfo> infos;
    for (const Repair& repair : all_repairs()) infos.push_back(repair.info);
    return infos;
  }();
  return kInfos;
}

std::vector<Repair> find_repairs(std::span<const std::string> names) {
  const std::span<const RepairInfo> known = repairs();
  for (const std::string& name : names) {
    const bool found = std::any_of(known.begin(), known.end(),
                                   [&](const auto& info) { return info.name == name; });
    if (found) continue;
    std::vector<std::string_view> words;
    for (const RepairInfo& info : known) words.push_back(info.name);
    throw Error(ErrorCode::kInvalidArgument, fmt::format("unknown repair '{}', expected one of {}",
                                                         name, fmt::join(words, ", ")));
  }
  std::vector<Repair> wanted;
  for (const Repair& repair : all_repairs()) {
    if (std::find(names.begin(), names.end(), repair.info.name) != names.end()) {
      wanted.push_back(repair);
    }
  }
  return wanted;
}

}  // namespace octavo
