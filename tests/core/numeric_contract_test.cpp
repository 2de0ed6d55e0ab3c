// Computes every row of every table in docs/numeric-contract.md. A table is known by its header.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "core/bias.h"
#include "octavo/quantization.h"
#include "support/paths.h"

namespace octavo {
namespace {

std::string read_text(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// A row of a Markdown table: column title to cell.
class Row {
 public:
  Row(const std::vector<std::string>& titles, const std::vector<std::string>& cells) {
    for (std::size_t i = 0; i < titles.size(); ++i) cells_[titles[i]] = cells.at(i);
  }

  const std::string& text(const std::string& title) const { return cells_.at(title); }
  double number(const std::string& title) const {
    char* end = nullptr;
    const double value = std::strtod(text(title).c_str(), &end);
    EXPECT_EQ(*end, '\0') << title << " should be a number but is " << text(title);
    return value;
  }
  float single(const std::string& title) const { return std::strtof(text(title).c_str(), nullptr); }
  std::int32_t integer(const std::string& title) const {
    return static_cast<std::int32_t>(number(title));
  }
  DType dtype() const { return dtype_from_name(text("type")); }

  Scheme scheme() const {
    Scheme scheme = {.dtype = dtype(),
                     .narrow_range = text("narrow range") == "yes",
                     .reduced_bits = integer("reduced bits")};
    const auto symmetry = cells_.find("symmetry");
    if (symmetry != cells_.end() && symmetry->second == "symmetric") {
      scheme.symmetry = Symmetry::kSymmetric;
    }
    return scheme;
  }

 private:
  std::map<std::string, std::string> cells_;
};

std::vector<std::string> split_cells(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream stream(line.substr(1));
  for (std::string cell; std::getline(stream, cell, '|');) {
    const std::size_t first = cell.find_first_not_of(' ');
    const std::size_t last = cell.find_last_not_of(' ');
    cells.push_back(first == std::string::npos ? "" : cell.substr(first, last - first + 1));
  }
  return cells;
}

// The rows of all the tables whose header is `header`.
std::vector<Row> rows_under(std::string_view header) {
  std::istringstream document(read_text(testing::source_dir() / "docs" / "numeric-contract.md"));
  std::vector<Row> rows;
  bool is_inside = false;
  for (std::string line; std::getline(document, line);) {
    if (line == header) {
      is_inside = true;
    } else if (line.empty() || line[0] != '|') {
      is_inside = false;
    } else if (is_inside && !line.starts_with("|---")) {
      rows.emplace_back(split_cells(std::string(header)), split_cells(line));
    }
  }
  EXPECT_FALSE(rows.empty()) << "no table has the header " << header;
  return rows;
}

// Equal, or both NaN.
void expect_same(double actual, double expected) {
  if (std::isnan(expected)) {
    EXPECT_TRUE(std::isnan(actual));
  } else {
    EXPECT_EQ(actual, expected);
  }
}

TEST(NumericContract, ScalesAndZeroPoints) {
  for (const Row& row : rows_under("| type | symmetry | narrow range | reduced bits | min | max | "
                                   "scale | zero point |")) {
    SCOPED_TRACE(row.text("type") + " [" + row.text("min") + ", " + row.text("max") + "]");
    const ScaleZeroPoint params =
        choose_params({row.number("min"), row.number("max")}, row.scheme());
    EXPECT_EQ(params.scale, row.single("scale"));
    EXPECT_EQ(params.zero_point, row.integer("zero point"));
  }
}

TEST(NumericContract, CodesAndWhatTheyStandFor) {
  for (const Row& row : rows_under("| type | x | scale | zero point | code | back |")) {
    SCOPED_TRACE(row.text("type") + " " + row.text("x"));
    const ScaleZeroPoint params = {row.single("scale"), row.integer("zero point")};
    const std::int32_t code = quantize(row.single("x"), params, code_range({.dtype = row.dtype()}));
    EXPECT_EQ(code, row.integer("code"));
    EXPECT_EQ(dequantize(code, params), row.single("back"));
  }
}

TEST(NumericContract, CodeRanges) {
  for (const Row& row : rows_under("| type | narrow range | reduced bits | q_min | q_max |")) {
    SCOPED_TRACE(row.text("type"));
    EXPECT_EQ(code_range(row.scheme()), (CodeRange{row.integer("q_min"), row.integer("q_max")}));
  }
}

TEST(NumericContract, Biases) {
  for (const Row& row :
       rows_under("| activation scale | weight scale | bias | bias scale | code |")) {
    const std::vector<float> weight_scales = {row.single("weight scale")};
    const QuantParams params = bias_params(row.single("activation scale"), weight_scales);
    EXPECT_EQ(params.scale[0], row.single("bias scale"));
    const Tensor codes = quantize(Tensor::of<float>({1}, {row.single("bias")}), params);
    EXPECT_EQ(codes.at(0), row.number("code"));
  }
}

TEST(NumericContract, WidenedWeightScales) {
  for (const Row& row :
       rows_under("| activation scale | weight scale | bias | widened weight scale |")) {
    const std::vector<float> weight_scales = {row.single("weight scale")};
    const BiasFit fit = fit_bias(Tensor::of<float>({1}, {row.single("bias")}),
                                 row.single("activation scale"), weight_scales);
    EXPECT_EQ(fit.weight_scales[0], row.single("widened weight scale"));
  }
}

TEST(NumericContract, ElementTypes) {
  for (const Row& row : rows_under("| type | value | back |")) {
    SCOPED_TRACE(row.text("type") + " " + row.text("value"));
    Tensor tensor(row.dtype(), {1});
    traits(row.dtype()).encode(tensor.mutable_bytes().data(), 0, row.number("value"));
    expect_same(tensor.at(0), row.number("back"));
  }
}

// The document's sums: a product that must fit 16 bits, a float32 sum that stops growing.
TEST(NumericContract, Arithmetic) {
  EXPECT_LT(2 * 255 * 63, 1 << 15);
  EXPECT_GE(2 * 255 * 127, 1 << 15);
  EXPECT_EQ(16777216.0F + 1.0F, 16777216.0F);
  EXPECT_LT(0.273939937F / 0.00214854861F, 127.5F);
  EXPECT_EQ(0.273939937F * (1 / 0.00214854861F), 127.5F);
}

TEST(NumericContract, Example) {
  // clang-format off
const Scheme scheme = {.dtype = DType::kUint8};
const ScaleZeroPoint params = choose_params({.min = -0.7, .max = 1.9}, scheme);
const std::int32_t code = quantize(0.5F, params, code_range(scheme));
const float back = dequantize(code, params);
EXPECT_EQ(params, (ScaleZeroPoint{0.0101960786F, 69}));
EXPECT_EQ(code, 118);
EXPECT_EQ(back, 0.499607861F);
  // clang-format on
  const std::string document = read_text(testing::source_dir() / "docs" / "numeric-contract.md");
  const std::string source =
      read_text(testing::source_dir() / "tests" / "core" / "numeric_contract_test.cpp");
  const std::size_t begin = document.find("```cpp\n") + 7;
  const std::string example = document.substr(begin, document.find("```", begin) - begin);
  EXPECT_NE(source.find("\n" + example), std::string::npos) << "the document's example differs";
}

}  // namespace
}  // namespace octavo
