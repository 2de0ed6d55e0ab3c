#include "report/run_folder.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>
#include <fstream>
#include <iterator>
#include <utility>

#include "core/atomic_file.h"
#include "octavo/error.h"
#include "octavo/executor.h"
#include "report/machine.h"
#include "report/run_files.h"

namespace octavo {
namespace {

namespace fs = std::filesystem;

std::string now_text() {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
}

Json file_json(const fs::path& path) {
  Json json = {{"path", path.string()}, {"hash", content_hash(path)}};
  std::error_code failure;
  const auto bytes = fs::file_size(path, failure);
  if (!failure) json["bytes"] = bytes;
  return json;
}

Json description_json(const RunDescription& description) {
  Json json = {{"format", kRunFormat},
               {"status", "running"},
               {"started", now_text()},
               {"command", description.command},
               {"octavo_version", description.octavo_version},
               {"target", description.target},
               {"model", file_json(description.model)},
               {"data", Json::object()},
               {"runtimes", Json::object()},
               {"machine", machine_json()},
               {"seed", nullptr},  // nothing in quantizing is drawn at random
               {"stages", Json::array()},
               {"warnings", Json::array()}};
  for (const auto& [role, path] : description.data) {
    if (!path.empty()) json["data"][role] = file_json(path);
  }
  for (const std::string& name : executor_names()) {
    json["runtimes"][name] = make_executor(name)->version();
  }
  return json;
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

RunFolder::RunFolder(fs::path folder, const RunDescription& description)
    : folder_(std::move(folder)), start_(Clock::now()) {
  std::error_code failure;
  fs::create_directories(folder_, failure);
  if (failure) {
    throw Error(ErrorCode::kIo,
                fmt::format("{}: cannot make the folder: {}", folder_.string(), failure.message()));
  }
  for (const std::string_view part : kQuantizeParts) {
    fs::remove(path(std::string(part) + ".json"));
  }
  fs::remove(path(kLogFile));
  run_ = description_json(description);
  save("running");
  log("started");
}

RunFolder::RunFolder(fs::path folder, Json run)
    : folder_(std::move(folder)), run_(std::move(run)), start_(Clock::now()) {
  seconds_before_ = run_.value("seconds", 0.0);
  run_.erase("failure");
  save("running");
  log("goes on");
}

RunFolder RunFolder::reopened(fs::path folder) {
  std::ifstream stream(folder / kRunFile);
  if (!stream) {
    throw Error(ErrorCode::kNotFound, fmt::format("{}: no {} in it; there is nothing to go on with",
                                                  folder.string(), kRunFile));
  }
  Json run = Json::parse(stream, nullptr, /*allow_exceptions=*/false);
  if (!run.is_object() || !run.contains("stages")) {
    throw Error(ErrorCode::kInvalidFile,
                fmt::format("{}: no run that can go on", (folder / kRunFile).string()));
  }
  return {std::move(folder), std::move(run)};
}

void RunFolder::begin_stage(std::string_view name) {
  end_stage();
  run_["stages"].push_back({{"name", name}});
  in_stage_ = true;
  stage_start_ = Clock::now();
  restart_peak_memory();
  save("running");
  log(std::string(name));
}

void RunFolder::end_stage() {
  if (!in_stage_) return;
  Json& stage = run_["stages"].back();
  stage["seconds"] = json_number(seconds_since(stage_start_));
  stage["peak_memory_bytes"] = peak_memory_bytes();
  in_stage_ = false;
}

void RunFolder::add_samples(const std::string& role, const HashedDataset& data) {
  run_["data"][role]["samples"] = data.size();
  run_["data"][role]["samples_hash"] = data.hash();
}

void RunFolder::warn(const std::string& text) {
  run_["warnings"].push_back(text);
  log("warning: " + text);
}

void RunFolder::record(const std::function<void()>& work) {
  try {
    work();
  } catch (const std::exception& failure) {
    fail(failure.what());
    throw;
  }
  finish();
}

void RunFolder::finish() {
  end_stage();
  save("done");
  log("done");
}

void RunFolder::fail(const std::string& why) {
  end_stage();
  run_["failure"] = why;
  save("failed");
  log("failed: " + why);
}

void RunFolder::write(std::string_view file, const Json& json) const {
  write_file_atomically(path(file), json_text(json) + "\n");
}

void RunFolder::save(std::string_view status) {
  run_["status"] = status;
  run_["seconds"] = json_number(seconds_before_ + seconds_since(start_));
  write_file_atomically(path(kRunFile),
                        run_.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

void RunFolder::log(const std::string& line) const {
  std::ofstream stream(path(kLogFile), std::ios::app);
  fmt::memory_buffer text;
  fmt::format_to(std::back_inserter(text), "{} {:9.3f} s  {}\n", now_text(), seconds_since(start_),
                 line);
  stream.write(text.data(), static_cast<std::streamsize>(text.size()));
}

}  // namespace octavo
