#include "calibration/calibrator.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

#include "octavo/error.h"

namespace octavo {
namespace {

std::string known_names() {
  std::string names;
  for (const Calibrator* calibrator : all_calibrators()) {
    names += (names.empty() ? "" : ", ") + std::string(calibrator->name);
  }
  return names;
}

double parse_number(std::string_view text, std::string_view whole) {
  double number = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || result.ec != std::errc() || result.ptr != text.data() + text.size()) {
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("calibrator '{}': '{}' is not a number", whole, text));
  }
  return number;
}

// Those given, checked against their bounds, and the defaults of the rest.
std::vector<double> complete_parameters(const Calibrator& calibrator, const CalibratorSpec& spec) {
  if (spec.parameters.size() > calibrator.parameters.size()) {
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("calibrator '{}' takes at most {} numbers, {} given", spec.name,
                            calibrator.parameters.size(), spec.parameters.size()));
  }
  std::vector<double> values = spec.parameters;
  for (std::size_t i = 0; i < calibrator.parameters.size(); ++i) {
    const CalibratorParameter& parameter = calibrator.parameters[i];
    if (i == values.size()) values.push_back(parameter.standard);
    if (values[i] >= parameter.lowest && values[i] <= parameter.highest) continue;
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("calibrator '{}': {} is {}, expected {} to {}", spec.name,
                            parameter.name, values[i], parameter.lowest, parameter.highest));
  }
  return values;
}

}  // namespace

std::span<const Calibrator* const> all_calibrators() {
#define OCTAVO_CALIBRATOR(identifier) &identifier##_calibrator(),
  static const std::array kCalibrators = {
#include "calibration/calibrators/calibrator_list.inc"
  };
#undef OCTAVO_CALIBRATOR
  return kCalibrators;
}

const Calibrator& find_calibrator(std::string_view name) {
  const auto all = all_calibrators();
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const Calibrator* known) { return known->name == name; });
  if (found == all.end()) {
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("unknown calibrator '{}', expected one of {}", name, known_names()));
  }
  return **found;
}

CalibratorSpec parse_calibrator(std::string_view text) {
  CalibratorSpec spec;
  const std::size_t colon = text.find(':');
  spec.name = text.substr(0, colon);
  std::string_view rest = colon == std::string_view::npos ? "" : text.substr(colon + 1);
  while (colon != std::string_view::npos) {
    const std::size_t comma = rest.find(',');
    spec.parameters.push_back(parse_number(rest.substr(0, comma), text));
    if (comma == std::string_view::npos) break;
    rest.remove_prefix(comma + 1);
  }
  complete_parameters(find_calibrator(spec.name), spec);
  return spec;
}

std::string to_string(const CalibratorSpec& spec) {
  std::string text = spec.name;
  for (std::size_t i = 0; i < spec.parameters.size(); ++i) {
    text += fmt::format("{}{}", i == 0 ? ":" : ",", spec.parameters[i]);
  }
  return text;
}

CalibratedRange calibrated_range(const TensorStatistics& statistics, const CalibratorSpec& spec,
                                 const Scheme& scheme) {
  const Calibrator& calibrator = find_calibrator(spec.name);
  const std::vector<double> parameters = complete_parameters(calibrator, spec);
  if (statistics.sketch().finite() == 0) return {{0, 0}, spec};
  return calibrator.range({statistics, scheme, parameters});
}

std::span<const CalibratorInfo> calibrators() {
  static const std::vector<CalibratorInfo> kInfos = [] {
    std::vector<CalibratorInfo> infos;
    for (const Calibrator* calibrator : all_calibrators()) {
      infos.push_back({calibrator->name, calibrator->help});
    }
    return infos;
  }();
  return kInfos;
}

}  // namespace octavo
