// What is fuzzed: the readers of what users hand in, each with the chain behind it. One function a
// target serves libFuzzer, the replay of old findings in the ordinary tests, and the seeds.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace octavo::fuzz {

struct Target {
  std::string_view name;
  // Reads `bytes`. octavo::Error is the answer to bad input; anything else that is thrown, and
  // every sanitizer report, is a finding.
  void (*run)(std::string_view bytes);
  // Small valid inputs to start from.
  std::vector<std::string> (*seeds)();
  // libFuzzer's custom mutator for inputs whose bytes must hang together; null: bytes as bytes.
  // Changes `data` (of capacity `max_size`) in place and returns its new size.
  std::size_t (*mutate)(std::span<std::byte> data, std::size_t size, unsigned seed) = nullptr;
};

const Target& image_target();
const Target& labels_target();
const Target& model_target();
const Target& npy_target();
const Target& npz_target();
const Target& profile_target();
const Target& quantize_target();
const Target& recipe_target();
const Target& run_folder_target();
const Target& statistics_target();
const Target& sweep_cache_target();
const Target& test_data_target();

std::span<const Target* const> all_targets();
// Throws std::invalid_argument for an unknown name.
const Target& find_target(std::string_view name);

}  // namespace octavo::fuzz
