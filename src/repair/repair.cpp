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
#define OCTAVO_DATA_FREE_REPAIR(name, help) \
  OCTAVO_CODE_REPAIR(name, help)            \
  OCTAVO_WEIGHT_REPAIR(name, help)
#define OCTAVO_WEIGHT_REPAIR(name, help) \
  WeightRepairResult repair_##name(const WeightRepairTask& task, RepairedWeights before);
#include "repair/repair_list.inc"
#undef OCTAVO_FLOAT_REPAIR
#undef OCTAVO_CODE_REPAIR
#undef OCTAVO_DATA_FREE_REPAIR
#undef OCTAVO_WEIGHT_REPAIR

namespace {

constexpr std::array kStaticOnly = {Mode::kStatic};
constexpr std::array kStoredWeights = {Mode::kWeightOnly};
constexpr std::array kStoredCodes = {Mode::kStatic, Mode::kDynamic, Mode::kWeightOnly};

std::vector<std::string_view> mode_words(const RepairInfo& info) {
  std::vector<std::string_view> words;
  for (const Mode mode : info.modes) words.push_back(to_string(mode));
  return words;
}

}  // namespace

bool RepairInfo::works_in(Mode mode) const {
  return std::find(modes.begin(), modes.end(), mode) != modes.end();
}

std::span<const Repair> all_repairs() {
#define OCTAVO_FLOAT_REPAIR(name, help) \
  Repair{{#name, help, kStaticOnly}, propose_##name, nullptr, nullptr},
#define OCTAVO_CODE_REPAIR(name, help) \
  Repair{{#name, help, kStaticOnly}, nullptr, repair_##name, nullptr},
#define OCTAVO_DATA_FREE_REPAIR(name, help) \
  Repair{{#name, help, kStoredCodes, RepairData::kOptional}, nullptr, repair_##name, repair_##name},
#define OCTAVO_WEIGHT_REPAIR(name, help) \
  Repair{{#name, help, kStoredWeights}, nullptr, nullptr, repair_##name},
  static const std::array kAll = {
#include "repair/repair_list.inc"
  };
#undef OCTAVO_FLOAT_REPAIR
#undef OCTAVO_CODE_REPAIR
#undef OCTAVO_DATA_FREE_REPAIR
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
    if (found != known.end() && found->works_in(mode)) continue;
    std::vector<std::string_view> words;
    for (const RepairInfo& info : known) {
      if (info.works_in(mode)) words.push_back(info.name);
    }
    throw Error(
        ErrorCode::kInvalidArgument,
        found == known.end()
            ? fmt::format("unknown repair '{}', expected one of {}", name, fmt::join(words, ", "))
            : fmt::format("repair '{}' is for mode {}; mode {} has {}", name,
                          fmt::join(mode_words(*found), ", "), to_string(mode),
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

void require_no_data(std::span<const Repair> repairs, std::string_view lack) {
  for (const Repair& repair : repairs) {
    if (repair.info.data == RepairData::kOptional) continue;
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("repair '{}' runs the model on calibration data, and {}",
                            repair.info.name, lack));
  }
}

}  // namespace octavo
