#include "data/npz.h"

#include <gtest/gtest.h>
#include <zip.h>

#include <algorithm>
#include <string>
#include <vector>

#include "data/test_files.h"
#include "support/error_matchers.h"
#include "support/paths.h"

namespace octavo {
namespace {

using testing::counting_tensor;
using testing::read_file;
using testing::TemporaryDirectory;
using testing::write_file;

// As numpy.savez_compressed writes it.
void write_deflated(const std::filesystem::path& path, const std::string& name,
                    std::span<const std::byte> content) {
  zip_t* archive = zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, nullptr);
  zip_source_t* source = zip_source_buffer(archive, content.data(), content.size(), 0);
  const auto index = zip_file_add(archive, (name + ".npy").c_str(), source, ZIP_FL_OVERWRITE);
  zip_set_file_compression(archive, static_cast<zip_uint64_t>(index), ZIP_CM_DEFLATE, 9);
  ASSERT_EQ(zip_close(archive), 0);
}

TEST(Npz, ReadsWhatItWrote) {
  const TemporaryDirectory folder;
  const auto path = folder / "data.npz";
  write_npz(path, {{"images", counting_tensor<float>({3, 2})},
                   {"labels", counting_tensor<std::int64_t>({3})}});
  const Npz npz(path);
  EXPECT_EQ(npz.names(), (std::vector<std::string>{"images", "labels"}));
  EXPECT_EQ(npz.header("images").shape, (Shape{3, 2}));
  EXPECT_EQ(npz.read("images").as<float>()[5], 5);
  EXPECT_EQ(npz.read("labels").as<std::int64_t>()[2], 2);
  const std::vector<std::size_t> rows = {1};
  EXPECT_EQ(npz.read_rows("images", rows).as<float>()[0], 2);
}

TEST(Npz, ReadsDeflatedEntries) {
  const TemporaryDirectory folder;
  const auto path = folder / "data.npz";
  write_deflated(path, "x", to_npy(counting_tensor<std::int32_t>({1000, 10})));
  const std::vector<std::size_t> rows = {0, 999};
  EXPECT_EQ(Npz(path).read("x").as<std::int32_t>()[9999], 9999);
  EXPECT_EQ(Npz(path).read_rows("x", rows).as<std::int32_t>()[19], 9999);
}

TEST(Npz, WritesTheSameBytesForTheSameArrays) {
  const TemporaryDirectory folder;
  for (const char* name : {"a.npz", "b.npz"}) {
    write_npz(folder / name, {{"x", counting_tensor<float>({4})}});
  }
  EXPECT_EQ(read_file(folder / "a.npz"), read_file(folder / "b.npz"));
}

TEST(Npz, ReplacesAnOlderFile) {
  const TemporaryDirectory folder;
  write_npz(folder / "a.npz", {{"x", counting_tensor<float>({4})}});
  write_npz(folder / "a.npz", {{"y", counting_tensor<float>({4})}});
  EXPECT_EQ(Npz(folder / "a.npz").names(), (std::vector<std::string>{"y"}));
}

TEST(Npz, RefusesToWriteWhereItCannot) {
  const TemporaryDirectory folder;
  EXPECT_OCTAVO_ERROR(write_npz(folder / "none" / "a.npz", {{"x", counting_tensor<float>({4})}}),
                      ErrorCode::kIo, "none/a.npz");
}

TEST(Npz, SaysWhichArraysThereAre) {
  const TemporaryDirectory folder;
  write_npz(folder / "a.npz",
            {{"x", counting_tensor<float>({4})}, {"y", counting_tensor<float>({4})}});
  EXPECT_OCTAVO_ERROR(Npz(folder / "a.npz").read("z"), ErrorCode::kInvalidData, "a.npz",
                      "no array is named 'z'", "x, y");
}

TEST(Npz, RefusesAMissingFile) {
  EXPECT_OCTAVO_ERROR(Npz("/nowhere/a.npz"), ErrorCode::kNotFound, "/nowhere/a.npz",
                      "no such file");
}

TEST(Npz, RefusesAFileThatIsNoZip) {
  const TemporaryDirectory folder;
  write_file(folder / "a.npz", "these are no arrays");
  EXPECT_OCTAVO_ERROR(Npz(folder / "a.npz"), ErrorCode::kInvalidData, "a.npz",
                      "not an .npz file, or a truncated one");
}

TEST(Npz, RefusesATruncatedFile) {
  const TemporaryDirectory folder;
  write_npz(folder / "a.npz", {{"x", counting_tensor<float>({1000})}});
  const std::string whole = read_file(folder / "a.npz");
  write_file(folder / "a.npz", whole.substr(0, whole.size() / 2));
  EXPECT_OCTAVO_ERROR(Npz(folder / "a.npz"), ErrorCode::kInvalidData, "a.npz", "truncated");
}

TEST(Npz, RefusesDamagedElements) {
  const TemporaryDirectory folder;
  write_npz(folder / "a.npz", {{"x", counting_tensor<float>({1000})}});
  std::string content = read_file(folder / "a.npz");
  content[content.size() / 2] ^= 1;
  write_file(folder / "a.npz", content);
  EXPECT_OCTAVO_ERROR(Npz(folder / "a.npz").read("x"), ErrorCode::kInvalidData, "array 'x'", "CRC");
}

TEST(Npz, RefusesAnArrayThatIsShorterThanItsShape) {
  const TemporaryDirectory folder;
  std::vector<std::byte> npy = to_npy(counting_tensor<float>({10}));
  npy.resize(npy.size() - 4);
  write_deflated(folder / "a.npz", "x", npy);
  EXPECT_OCTAVO_ERROR(Npz(folder / "a.npz").read("x"), ErrorCode::kInvalidData, "array 'x'",
                      "164 bytes, expected 168", "float32[10]");
}

TEST(Npz, RefusesAShapeThatOverflows) {
  const TemporaryDirectory folder;
  std::vector<std::byte> npy = to_npy(counting_tensor<float>({10}));
  const std::string_view text(reinterpret_cast<const char*>(npy.data()), npy.size());
  const std::size_t shape = text.find("(10,)");
  const std::string_view huge = "(9223372036854775807,9)";
  std::copy(huge.begin(), huge.end(), reinterpret_cast<char*>(npy.data()) + shape);
  write_deflated(folder / "a.npz", "x", npy);
  EXPECT_OCTAVO_ERROR(Npz(folder / "a.npz").read("x"), ErrorCode::kInvalidData, "array 'x'");
}

// The sizes in a zip's directory are what a bomb lies about.
TEST(Npz, RefusesAnEntryThatClaimsMoreThanItCanHold) {
  const TemporaryDirectory folder;
  write_deflated(folder / "a.npz", "x", to_npy(Tensor(DType::kUint8, {100'000})));
  std::string content = read_file(folder / "a.npz");
  const std::size_t directory = content.find("PK\x01\x02");
  ASSERT_NE(directory, std::string::npos);
  constexpr std::size_t kUncompressedSize = 24;       // in an entry of the directory
  content[directory + kUncompressedSize + 3] = 0x7f;  // some 2 GB
  write_file(folder / "a.npz", content);
  EXPECT_OCTAVO_ERROR(Npz(folder / "a.npz").read("x"), ErrorCode::kInvalidData, "array 'x'",
                      "claims 213");
}

TEST(Npz, PassesOverEntriesThatAreNoArrays) {
  const TemporaryDirectory folder;
  zip_t* archive = zip_open((folder / "a.npz").c_str(), ZIP_CREATE, nullptr);
  zip_file_add(archive, "readme.txt", zip_source_buffer(archive, "hello", 5, 0), 0);
  ASSERT_EQ(zip_close(archive), 0);
  EXPECT_TRUE(Npz(folder / "a.npz").names().empty());
}

}  // namespace
}  // namespace octavo
