#include "report/page.h"

#include <gtest/gtest.h>

#include <fstream>

#include "octavo/error.h"
#include "octavo/report.h"
#include "support/error_matchers.h"
#include "support/paths.h"

namespace octavo {
namespace {

void write(const std::filesystem::path& path, std::string_view text) {
  std::ofstream(path) << text;
}

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string_view::npos; ++at) ++found;
  return found;
}

// What a browser takes for the run's data: the text up to the first "</script".
Json data_in(const std::string& page) {
  const std::string_view open = R"(<script type="application/json" id="run">)";
  const std::size_t begin = page.find(open) + open.size();
  return Json::parse(page.substr(begin, page.find("</script", begin) - begin));
}

TEST(MakePage, HoldsEverythingAndNoMarkIsLeft) {
  const std::string page = make_page({{"run", {{"status", "done"}}}});
  EXPECT_EQ(page.find("octavo:run"), std::string::npos);
  EXPECT_EQ(page.find("/*octavo:"), std::string::npos);
  EXPECT_NE(page.find("echarts"), std::string::npos);
  EXPECT_NE(page.find("Apache License"), std::string::npos);
  EXPECT_EQ(page.find("src=\"http"), std::string::npos);
  EXPECT_EQ(page.find("<link"), std::string::npos);
  EXPECT_NE(page.find("default-src 'none'"), std::string::npos);
}

TEST(MakePage, HostileNamesStayData) {
  const Json run = {
      {"run", {{"status", "done"}, {"model", {{"path", "</script><script>alert(1)"}}}}},
      {"graph", {{"nodes", {{{"name", "<img src=x onerror=alert(2)>"}}}}}},
      {"marks", "/*octavo:script*/ \"octavo:run\""}};
  const std::string page = make_page(run);
  EXPECT_EQ(count(page, "<script"), count(make_page(Json::object()), "<script"));
  EXPECT_EQ(count(page, "</script"), count(make_page(Json::object()), "</script"));
  EXPECT_EQ(page.find("<img src=x"), std::string::npos);
  EXPECT_EQ(data_in(page), run);
}

TEST(EmbeddedFile, IsTheFileByteForByte) {
  std::ifstream stream(testing::source_dir() / "src/report/template/style.css", std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  EXPECT_GT(text.size(), 1000u);
  EXPECT_EQ(embedded_file("style.css"), text);
  EXPECT_GT(embedded_file("echarts.min.js").size(), 500'000u);
  EXPECT_EQ(embedded_file("nothing.js"), "");
}

TEST(ReadRun, TakesWhatIsThere) {
  const testing::TemporaryDirectory folder;
  write(folder / "run.json", R"({"status": "done"})");
  write(folder / "sweep.json", R"({"rows": []})");
  write(folder / "plan.json", R"({"large": "and not shown"})");
  write(folder / "notes.json", R"({"of": "somebody else"})");
  const Json run = read_run(folder.path());
  EXPECT_EQ(run["run"]["status"], "done");
  EXPECT_TRUE(run.contains("sweep"));
  EXPECT_FALSE(run.contains("plan"));
  EXPECT_FALSE(run.contains("notes"));
  EXPECT_FALSE(run.contains("tensors"));
  EXPECT_TRUE(run["problems"].empty());
  EXPECT_EQ(run["folder"], folder.path().filename().string());
}

TEST(ReadRun, ATornFileIsAProblemToTellNotAnEnd) {
  const testing::TemporaryDirectory folder;
  write(folder / "run.json", R"({"status": "running"})");
  write(folder / "graph.json", R"({"nodes": [{"name": )");
  const Json run = read_run(folder.path());
  EXPECT_FALSE(run.contains("graph"));
  ASSERT_EQ(run["problems"].size(), 1u);
  EXPECT_EQ(run["problems"][0], "graph.json is not JSON: it was left out");
}

TEST(ReadRun, AFolderThatIsNoneSaysWhatMakesOne) {
  const testing::TemporaryDirectory folder;
  EXPECT_OCTAVO_ERROR(make_report(folder.path()), ErrorCode::kNotFound, folder.path().string(),
                      "no run.json", "octavo quantize ... --run");
}

}  // namespace
}  // namespace octavo
