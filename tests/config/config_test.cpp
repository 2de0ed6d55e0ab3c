#include "config/config.h"

#include <gtest/gtest.h>

#include "support/error_matchers.h"

namespace octavo {
namespace {

constexpr ErrorCode kBad = ErrorCode::kInvalidFile;

Config sample() {
  return Config::parse("name: x\nsize: 3\nratio: 0.5\nflag: true\nlist: [1, 2]\ninner:\n  a: b\n",
                       "sample.yaml");
}

TEST(Config, ReadsEveryKindOfValue) {
  const Config config = sample();
  EXPECT_EQ(config.at("name").as_string(), "x");
  EXPECT_EQ(config.at("size").as_integer(), 3);
  EXPECT_EQ(config.at("ratio").as_number(), 0.5);
  EXPECT_TRUE(config.at("flag").as_bool());
  EXPECT_EQ(config.at("list").as_numbers(), (std::vector<double>{1, 2}));
  EXPECT_EQ(config.at("inner").at("a").as_string(), "b");
  EXPECT_FALSE(config.has("missing"));
  EXPECT_EQ(config.keys().size(), 6u);
}

TEST(Config, ReadsJsonToo) {
  const Config config = Config::parse(R"({"a": {"b": [true, "x"]}})", "a.json");
  EXPECT_TRUE(config.at("a").at("b").items()[0].as_bool());
}

TEST(Config, AnUnknownKeyIsAnErrorWithItsLine) {
  EXPECT_OCTAVO_ERROR(sample().read_map([](const Config& map) {
    for (const char* key : {"name", "size", "ratio", "flag", "list"}) map.find(key);
  }),
                      kBad, "sample.yaml:6", "unknown key 'inner'", "flag, list, name");
}

TEST(Config, EveryWrongTypeNamesItsPlace) {
  EXPECT_OCTAVO_ERROR(sample().at("name").as_number(), kBad, "sample.yaml:1", "name: 'x'",
                      "expected a number");
  EXPECT_OCTAVO_ERROR(sample().at("ratio").as_integer(), kBad, "sample.yaml:3",
                      "expected a whole number");
  EXPECT_OCTAVO_ERROR(sample().at("size").as_bool(), kBad, "true or false");
  EXPECT_OCTAVO_ERROR(sample().at("size").items(), kBad, "expected a list");
  EXPECT_OCTAVO_ERROR(sample().at("size").keys(), kBad, "expected a mapping");
  EXPECT_OCTAVO_ERROR(sample().at("list").as_string(), kBad, "expected a word");
  EXPECT_OCTAVO_ERROR(sample().at("nothing"), kBad, "key 'nothing' is missing");
}

TEST(Config, AChoiceListsItsWords) {
  constexpr std::array<std::pair<std::string_view, int>, 2> kChoices = {{{"x", 1}, {"y", 2}}};
  EXPECT_EQ(sample().at("name").as_choice(kChoices), 1);
  EXPECT_OCTAVO_ERROR(sample().at("inner").at("a").as_choice(kChoices), kBad, "inner.a: 'b'",
                      "expected one of: x, y");
}

TEST(Config, SyntaxErrorsAndMissingFiles) {
  EXPECT_OCTAVO_ERROR(Config::parse("a: [1", "broken.yaml"), kBad, "broken.yaml:");
  EXPECT_OCTAVO_ERROR(Config::read("/nowhere/x.yaml"), ErrorCode::kNotFound, "/nowhere/x.yaml");
  const std::string long_name(300, 'x');  // more than a file system takes
  EXPECT_OCTAVO_ERROR(Config::read(long_name), ErrorCode::kNotFound, "xxx: no such file");
}

}  // namespace
}  // namespace octavo
