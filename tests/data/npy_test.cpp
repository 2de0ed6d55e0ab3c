#include "data/npy.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "data/test_files.h"
#include "octavo/error.h"
#include "support/error_matchers.h"

namespace octavo {
namespace {

ReadBytes reader_of(std::span<const std::byte> bytes) {
  return [bytes](std::span<std::byte> target) mutable {
    if (target.size() > bytes.size()) throw Error(ErrorCode::kInvalidData, "a.npy: ends too early");
    std::copy_n(bytes.begin(), target.size(), target.begin());
    bytes = bytes.subspan(target.size());
  };
}

ReadBytes reader_of(const std::string& text) { return reader_of(std::as_bytes(std::span(text))); }

std::string npy_text(int version, const std::string& header) {
  std::string text = "\x93NUMPY";
  text += {static_cast<char>(version), '\0', static_cast<char>(header.size()), '\0'};
  if (version > 1) text += std::string(2, '\0');
  return text + header;
}

NpyHeader parse(const std::string& header) {
  const std::string text = npy_text(1, header);
  return read_npy_header(reader_of(text), "a.npy");
}

TEST(NpyHeader, OfEveryVersion) {
  for (const int version : {1, 2, 3}) {
    const std::string text =
        npy_text(version, "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }\n");
    const NpyHeader header = read_npy_header(reader_of(text), "a.npy");
    EXPECT_EQ(header.dtype, DType::kFloat32);
    EXPECT_EQ(header.shape, (Shape{3, 4}));
    EXPECT_EQ(header.header_bytes, text.size());
    EXPECT_EQ(header.data_bytes(), 48U);
  }
}

TEST(NpyHeader, KeysComeInAnyOrder) {
  const NpyHeader header = parse("{'shape':(7,),'fortran_order':False,'descr':'|u1'}");
  EXPECT_EQ(header.dtype, DType::kUint8);
  EXPECT_EQ(header.shape, (Shape{7}));
}

TEST(NpyHeader, OfAScalar) {
  EXPECT_EQ(parse("{'descr': '<i8', 'fortran_order': False, 'shape': (), }").shape, Shape());
}

TEST(NpyHeader, AVectorHasNoOrder) {
  EXPECT_EQ(parse("{'descr': '<f4', 'fortran_order': True, 'shape': (2,), }").shape, (Shape{2}));
}

TEST(NpyHeader, RefusesFortranOrder) {
  EXPECT_OCTAVO_ERROR(parse("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }"),
                      ErrorCode::kInvalidData, "a.npy", "Fortran order", "numpy.ascontiguousarray");
}

TEST(NpyHeader, RefusesTypesThatAreNoNumbers) {
  EXPECT_OCTAVO_ERROR(parse("{'descr': '>f4', 'fortran_order': False, 'shape': (2,), }"),
                      ErrorCode::kInvalidData, "'>f4'", "little-endian number");
  EXPECT_OCTAVO_ERROR(parse("{'descr': '|O', 'fortran_order': False, 'shape': (2,), }"),
                      ErrorCode::kInvalidData, "'|O'");
  EXPECT_OCTAVO_ERROR(parse("{'descr': '', 'fortran_order': False, 'shape': (2,), }"),
                      ErrorCode::kInvalidData, "array type ''");
  EXPECT_OCTAVO_ERROR(parse("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }"),
                      ErrorCode::kInvalidData, "structured arrays");
}

TEST(NpyHeader, RefusesWhatItCannotRead) {
  EXPECT_OCTAVO_ERROR(read_npy_header(reader_of(std::string(20, 'x')), "a.npy"),
                      ErrorCode::kInvalidData, "a.npy", "not a .npy array");
  const std::string version4 = npy_text(4, "{}");
  EXPECT_OCTAVO_ERROR(read_npy_header(reader_of(version4), "a.npy"), ErrorCode::kInvalidData,
                      "version 4", "1 to 3");
  EXPECT_OCTAVO_ERROR(parse("{'descr': '<f4', 'fortran_order': False}"), ErrorCode::kInvalidData,
                      "no 'shape'");
  EXPECT_OCTAVO_ERROR(parse("{'descr': '<f4', 'fortran_order': False, 'shape': (-2,), }"),
                      ErrorCode::kInvalidData, "no readable shape");
  EXPECT_OCTAVO_ERROR(parse("{'descr': '<f4', 'fortran_order': False, 'shape': (2"),
                      ErrorCode::kInvalidData, "no readable shape");
  const std::string huge = std::string("\x93NUMPY\x02\x00\xff\xff\xff\xff", 12);
  EXPECT_OCTAVO_ERROR(read_npy_header(reader_of(huge), "a.npy"), ErrorCode::kInvalidData,
                      "a header of 4294967295 bytes");
}

TEST(Npy, EveryTypeComesBackAsItWasWritten) {
  int types = 0;
  for (const DTypeTraits& type : all_dtypes()) {
    Tensor tensor(type.dtype, {2, 3});
    for (std::size_t i = 0; i < tensor.size(); ++i) {
      type.encode(tensor.mutable_bytes().data(), i, i % 2 == 0 ? 1 : 0);
    }
    std::vector<std::byte> bytes;
    try {
      bytes = to_npy(tensor);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kUnsupported) << type.name;
      continue;
    }
    ++types;
    ASSERT_EQ((bytes.size() - tensor.bytes().size()) % 64, 0U) << "elements start aligned";
    const ReadBytes read = reader_of(bytes);
    const NpyHeader header = read_npy_header(read, "a.npy");
    const Tensor back = read_npy_elements(read, header);
    EXPECT_EQ(back.dtype(), type.dtype);
    EXPECT_EQ(back.shape(), tensor.shape());
    EXPECT_TRUE(std::ranges::equal(back.bytes(), tensor.bytes())) << type.name;
  }
  EXPECT_EQ(types, 12);  // f2 f4 f8 i1 i2 i4 i8 u1 u2 u4 u8 b1
}

TEST(Npy, ReadsOnlyTheRowsAskedFor) {
  const std::vector<std::byte> bytes = to_npy(testing::counting_tensor<std::int16_t>({5, 2}));
  const auto rows = [&](std::vector<std::size_t> wanted) {
    const ReadBytes read = reader_of(bytes);
    const NpyHeader header = read_npy_header(read, "a.npy");
    const Tensor tensor = read_npy_rows(read, header, wanted);
    EXPECT_EQ(tensor.shape(), (Shape{static_cast<std::int64_t>(wanted.size()), 2}));
    const auto values = tensor.as<std::int16_t>();
    return std::vector<std::int16_t>(values.begin(), values.end());
  };
  EXPECT_EQ(rows({0, 3, 4}), (std::vector<std::int16_t>{0, 1, 6, 7, 8, 9}));
  EXPECT_EQ(rows({2}), (std::vector<std::int16_t>{4, 5}));
  EXPECT_EQ(rows({}), (std::vector<std::int16_t>{}));
}

}  // namespace
}  // namespace octavo
