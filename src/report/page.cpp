#include "report/page.h"

#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

#include "octavo/error.h"
#include "octavo/report.h"
#include "report/run_files.h"

namespace octavo {
namespace {

namespace fs = std::filesystem;

// In the order in which the page needs them.
constexpr std::array<std::string_view, 14> kScripts = {
    "base.js",    "charts.js",   "network.js",      "verdict.js", "candidates.js",
    "search.js",  "layers.js",   "detail.js",       "graph.js",   "selection.js",
    "samples.js", "training.js", "reproduction.js", "main.js",
};

std::string file_text(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

std::optional<Json> parse_file(const fs::path& path, Json& problems) {
  Json json = Json::parse(file_text(path), nullptr, /*allow_exceptions=*/false);
  if (!json.is_discarded()) return json;
  problems.push_back(fmt::format("{} is not JSON: it was left out", path.filename().string()));
  return std::nullopt;
}

void replace_mark(std::string& page, std::string_view mark, std::string_view text) {
  page.replace(page.find(mark), mark.size(), text);
}

// No "</script" may stand inside a script element; in JavaScript, "<\/" means the same.
std::string script_text(std::string text) {
  for (std::size_t at = 0; (at = text.find("</", at)) != std::string::npos; at += 3) {
    text.insert(at + 1, "\\");
  }
  return text;
}

}  // namespace

Json read_run(const fs::path& folder) {
  if (!fs::exists(folder / kRunFile)) {
    throw Error(ErrorCode::kNotFound,
                fmt::format("{}: no {} in it; `octavo quantize ... --run {}` makes such a folder",
                            folder.string(), kRunFile, folder.string()));
  }
  Json problems = Json::array();
  Json run = {{"run", parse_file(folder / kRunFile, problems).value_or(Json::object())}};
  const auto add = [&](std::string_view part) {
    const fs::path path = folder / (std::string(part) + ".json");
    if (part == "plan" || !fs::exists(path)) return;  // the other parts say all that it does
    if (auto json = parse_file(path, problems)) run[std::string(part)] = std::move(*json);
  };
  for (const std::string_view part : kQuantizeParts) add(part);
  for (const std::string_view part : kAddedParts) add(part);
  run["problems"] = std::move(problems);
  run["folder"] = folder.filename().empty() ? folder.parent_path().filename().string()
                                            : folder.filename().string();
  return run;
}

std::string make_page(const Json& run) {
  std::string scripts;
  for (const std::string_view name : kScripts) scripts += embedded_file(name);
  std::string page = embedded_file("page.html");
  replace_mark(page, "/*octavo:style*/", embedded_file("style.css"));
  replace_mark(page, "/*octavo:script*/", script_text(scripts));
  replace_mark(page, "/*octavo:charts*/", script_text(embedded_file("echarts.min.js")));
  replace_mark(page, "\"octavo:licence\"",
               json_text_for_html(embedded_file("NOTICE") + "\n" + embedded_file("LICENSE") + "\n" +
                                  embedded_file("LICENSE-d3")));
  replace_mark(page, "\"octavo:run\"", json_text_for_html(run));
  return page;
}

std::string make_report(const fs::path& run_folder) { return make_page(read_run(run_folder)); }

}  // namespace octavo
