// What a run folder may hold: one JSON file a part of the report. docs/report.md describes each.
#pragma once

#include <array>
#include <string_view>

namespace octavo {

inline constexpr int kRunFormat = 1;
inline constexpr std::string_view kLogFile = "log.txt";
inline constexpr std::string_view kRunFile = "run.json";

// What `octavo quantize --run` makes, without ".json".
inline constexpr std::array<std::string_view, 8> kQuantizeParts = {
    "result", "plan", "evaluation", "search", "graph", "tensors", "weights", "samples",
};
// What other verbs add.
inline constexpr std::array<std::string_view, 4> kAddedParts = {
    "analysis",
    "selection",
    "sweep",
    "training",
};

}  // namespace octavo
