// octavo_fuzz_seeds FOLDER: writes the seeds of every target to FOLDER/<target>/.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "fuzz/target.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: octavo_fuzz_seeds FOLDER\n", stderr);
    return 2;
  }
  for (const octavo::fuzz::Target* target : octavo::fuzz::all_targets()) {
    const std::filesystem::path folder = std::filesystem::path(argv[1]) / target->name;
    std::filesystem::create_directories(folder);
    std::size_t number = 0;
    for (const std::string& seed : target->seeds()) {
      std::ofstream stream(folder / ("seed_" + std::to_string(number++)), std::ios::binary);
      stream.write(seed.data(), static_cast<std::streamsize>(seed.size()));
    }
  }
}
