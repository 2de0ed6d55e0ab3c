#include "report/json_value.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace octavo {
namespace {

TEST(JsonNumber, KeepsTheDigitsAskedFor) {
  EXPECT_EQ(json_text(json_number(0.0123456789)), "0.01235");
  EXPECT_EQ(json_text(json_number(-987654.321)), "-987700");
  EXPECT_EQ(json_text(json_number(1.0 / 3, 6)), "0.333333");
  EXPECT_EQ(json_text(json_number(2.50000001)), "2.5");
  EXPECT_EQ(json_text(json_number(1.23456e-12)), "1.235e-12");
  EXPECT_EQ(json_text(json_number(9.9999)), "10");
}

TEST(JsonNumber, ZeroAndWhatIsNotFinite) {
  EXPECT_EQ(json_text(json_number(0.0)), "0");
  EXPECT_EQ(json_text(json_number(-0.0)), "0");
  EXPECT_TRUE(json_number(std::numeric_limits<double>::infinity()).is_null());
  EXPECT_TRUE(json_number(std::nan("")).is_null());
}

TEST(JsonNumber, ExtremesComeBackAlmostAsTheyAre) {
  for (const double value : {5e-324, 1.7976931348623157e308, -1.1754944e-38, 3.4028235e38}) {
    EXPECT_NEAR(json_number(value).get<double>() / value, 1, 1e-3) << value;
  }
}

TEST(JsonTextForHtml, NothingEndsTheScriptThatHoldsIt) {
  const std::string text = json_text_for_html("</script><script>a && b<!--");
  EXPECT_EQ(text, R"("\u003c/script\u003e\u003cscript\u003ea \u0026\u0026 b\u003c!--")");
}

TEST(JsonTextForHtml, QuotesLineSeparatorsAndBackslashesComeBackAsTheyWere) {
  const std::string name = "\"quoted\" 'single' \\ back\n\xE2\x80\xA8 and \xE2\x80\xA9 < > & é 模";
  const std::string text = json_text_for_html(Json{{"name", name}});
  EXPECT_EQ(text.find('<'), std::string::npos);
  EXPECT_EQ(text.find("\xE2\x80\xA8"), std::string::npos);
  EXPECT_EQ(text.find("\xE2\x80\xA9"), std::string::npos);
  EXPECT_EQ(Json::parse(text)["name"], name);
}

TEST(JsonText, BytesThatAreNotUtf8BecomeReplacementCharacters) {
  EXPECT_EQ(json_text("a\xFFz"), "\"a\xEF\xBF\xBDz\"");
  EXPECT_EQ(json_text_for_html("\xE2\x80"), "\"\xEF\xBF\xBD\"");
}

}  // namespace
}  // namespace octavo
