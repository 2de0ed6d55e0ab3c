// The folder that a run leaves behind. run.json says from the first moment what was started, so
// that a run that failed or was killed can be reported too.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "report/hashed_dataset.h"
#include "report/json_value.h"

namespace octavo {

// What a person needs to do the same again.
struct RunDescription {
  std::vector<std::string> command;  // the program's arguments, its name first
  std::string octavo_version;
  std::string target;
  std::filesystem::path model;
  // By what they are for: "calibration", "evaluation", "statistics"; files or folders, an empty
  // path where there is none.
  std::vector<std::pair<std::string, std::filesystem::path>> data;
};

class RunFolder {
 public:
  // Makes the folder if need be and writes run.json with the status "running". What an
  // earlier quantization left there is removed: a report must not mix two. Throws Error(kIo).
  RunFolder(std::filesystem::path folder, const RunDescription& description);

  // The folder of a run that goes on, with what run.json says already. Throws Error(kNotFound) if
  // it has none, and Error(kInvalidFile) if that is no JSON.
  static RunFolder reopened(std::filesystem::path folder);

  // The stage before, if any, ends here.
  void begin_stage(std::string_view name);
  // What was read of the data in that role.
  void add_samples(const std::string& role, const HashedDataset& data);
  void warn(const std::string& text);
  void finish();
  void fail(const std::string& why);
  // Runs `work` and notes its end: "done", or what it throws, which goes on to the caller.
  void record(const std::function<void()>& work);

  std::filesystem::path path(std::string_view file) const { return folder_ / file; }
  void write(std::string_view file, const Json& json) const;

 private:
  using Clock = std::chrono::steady_clock;

  RunFolder(std::filesystem::path folder, Json run);

  void end_stage();
  void save(std::string_view status);
  void log(const std::string& line) const;

  std::filesystem::path folder_;
  Json run_;
  double seconds_before_ = 0;  // of what was interrupted
  Clock::time_point start_;
  Clock::time_point stage_start_;
  bool in_stage_ = false;
};

}  // namespace octavo
