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
#define OCTAVO_WEIGHT_REPAIR(name, help) \
  WeightRepairResult repair_##name(const WeightRepairTask& task, RepairedWeights before);
#include "repair/repair_list.inc"
#undef OCTAVO_FLOAT_REPAIR
#undef OCTAVO_CODE_REPAIR
#undef OCTAVO_WEIGHT_REPAIR

std::span<const Repair> all_repairs() {
#define OCTAVO_FLOAT_REPAIR(name, help) \
  Repair{{#name, help, Mode::kStatic}, propose_##name, nullptr, nullptr},
#define OCTAVO_CODE_REPAIR(name, help) \
  Repair{{#name, help, Mode::kStatic}, nullptr, repair_##name, nullptr},
#define OCTAVO_WEIGHT_REPAIR(name, help) \
  Repair{{#name, help, Mode::kWeightOnly}, nullptr, nullptr, repair_##name},
  static const std::array kAll = {
#include "repair/repair_list.inc"
  };
#undef OCTAVO_FLOAT_REPAIR
#undef OCTAVO_CODE_REPAIR
#undef OCTAVO_WEIGHT_REPAIR
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

std::vector<Repair> find_repairs(std::span<const std::string> names, Mode mode) {
  const std::span<const RepairInfo> known = repairs();
  for (const std::string& name : names) {
    const auto found = std::find_if(known.begin(), known.end(),
                                    [&](const auto& info) { return info.name == name; });
    if (found != known.end() && found->mode == mode) continue;
    std::vector<std::string_view> words;
    for (const RepairInfo& info : known) {
      if (info.mode == mode) words.push_back(info.name);
    }
    throw Error(
        ErrorCode::kInvalidArgument,
        found == known.end()
            ? fmt::format("unknown repair '{}', expected one of {}", name, fmt::join(words, ", "))
            : fmt::format("repair '{}' is for mode {}; mode {} has {}", name,
                          to_string(found->mode), to_string(mode),
                          words.empty() ? "none" : fmt::format("{}", fmt::join(words, ", "))));
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
