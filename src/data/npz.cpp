#include "data/npz.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <zip.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>
#include <utility>

#include "octavo/error.h"

namespace octavo {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSuffix = ".npy";
// Deflate cannot do better than 1032 to 1: an entry that claims more is no honest one.
constexpr std::uint64_t kLargestDeflateRatio = 1032;
constexpr std::uint64_t kDeflateSlackBytes = 1024;

struct ZipCloser {
  void operator()(zip_t* archive) const { zip_discard(archive); }
  void operator()(zip_file_t* file) const { zip_fclose(file); }
};
using Zip = std::unique_ptr<zip_t, ZipCloser>;
using ZipFile = std::unique_ptr<zip_file_t, ZipCloser>;

std::string zip_message(int code) {
  zip_error_t error;
  zip_error_init_with_code(&error, code);
  std::string message = zip_error_strerror(&error);
  zip_error_fini(&error);
  return message;
}

Zip open_for_reading(const fs::path& path) {
  int code = 0;
  Zip archive(zip_open(path.c_str(), ZIP_RDONLY, &code));
  if (archive != nullptr) return archive;
  if (code == ZIP_ER_NOENT) {
    throw Error(ErrorCode::kNotFound, fmt::format("{}: no such file", path.string()));
  }
  if (code == ZIP_ER_MEMORY) throw std::bad_alloc();  // which says nothing of the file
  throw Error(ErrorCode::kInvalidData, fmt::format("{}: not an .npz file, or a truncated one: {}",
                                                   path.string(), zip_message(code)));
}

// One array's bytes, decompressed as they are asked for.
class Entry {
 public:
  Entry(const fs::path& path, std::string_view name)
      : context_(fmt::format("{}: array '{}'", path.string(), name)),
        archive_(open_for_reading(path)) {
    const std::string entry = std::string(name) + std::string(kSuffix);
    zip_stat_t stat;
    constexpr zip_uint64_t kNeeded = ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD;
    if (zip_stat(archive_.get(), entry.c_str(), 0, &stat) != 0 ||
        (stat.valid & kNeeded) != kNeeded) {
      fail("no readable entry");
    }
    check_size(stat);
    size_ = stat.size;
    file_.reset(zip_fopen(archive_.get(), entry.c_str(), 0));
    if (file_ == nullptr) fail(zip_strerror(archive_.get()));
  }

  NpyHeader read_header() {
    NpyHeader header = read_npy_header(reader(), context_);
    const std::uint64_t expected = header.header_bytes + data_bytes(header);
    if (expected == size_) return header;
    fail(fmt::format("{} bytes, expected {} for {}{}", size_, expected, traits(header.dtype).name,
                     to_string(header.shape)));
  }

  ReadBytes reader() {
    return [this](std::span<std::byte> bytes) {
      while (!bytes.empty()) {
        const zip_int64_t got = zip_fread(file_.get(), bytes.data(), bytes.size());
        if (got <= 0) fail(got < 0 ? zip_file_strerror(file_.get()) : "ends too early");
        bytes = bytes.subspan(static_cast<std::size_t>(got));
      }
    };
  }

  // libzip compares the checksum when it is read past the end.
  void check_end() {
    std::byte beyond{};
    if (zip_fread(file_.get(), &beyond, 1) != 0) fail(zip_file_strerror(file_.get()));
  }

 private:
  [[noreturn]] void fail(std::string_view what) const {
    throw Error(ErrorCode::kInvalidData, fmt::format("{}: {}", context_, what));
  }

  std::uint64_t data_bytes(const NpyHeader& header) const {
    try {
      return header.data_bytes();
    } catch (const Error& error) {  // the product of the dimensions overflows
      fail(error.what());
    }
  }

  void check_size(const zip_stat_t& stat) const {
    if (stat.comp_method != ZIP_CM_STORE && stat.comp_method != ZIP_CM_DEFLATE) {
      fail(fmt::format("compression method {}, expected stored or deflated", stat.comp_method));
    }
    if (stat.size > kLargestArrayBytes) {
      fail(fmt::format("{} bytes, expected at most {}", stat.size, kLargestArrayBytes));
    }
    if (stat.size > stat.comp_size * kLargestDeflateRatio + kDeflateSlackBytes) {
      fail(fmt::format("claims {} bytes out of {} compressed ones", stat.size, stat.comp_size));
    }
  }

  std::string context_;
  Zip archive_;
  ZipFile file_;  // closed before the archive
  std::uint64_t size_ = 0;
};

void add_array(zip_t* archive, const std::string& name, std::span<const std::byte> npy) {
  zip_source_t* source = zip_source_buffer(archive, npy.data(), npy.size(), 0);
  const zip_int64_t index = zip_file_add(archive, (name + std::string(kSuffix)).c_str(), source,
                                         ZIP_FL_OVERWRITE | ZIP_FL_ENC_UTF_8);
  if (index < 0) {
    zip_source_free(source);
    throw Error(ErrorCode::kIo, fmt::format("array '{}': {}", name, zip_strerror(archive)));
  }
  const auto entry = static_cast<zip_uint64_t>(index);
  constexpr zip_uint16_t kFirstOfJanuary1980 = (1U << 5U) | 1U;  // MS-DOS's earliest date
  zip_set_file_compression(archive, entry, ZIP_CM_STORE, 0);
  zip_file_set_dostime(archive, entry, 0, kFirstOfJanuary1980, 0);
}

}  // namespace

Npz::Npz(const fs::path& path) : path_(path) {
  const Zip archive = open_for_reading(path);
  const zip_int64_t count = zip_get_num_entries(archive.get(), 0);
  for (zip_int64_t i = 0; i < count; ++i) {
    const char* name = zip_get_name(archive.get(), static_cast<zip_uint64_t>(i), 0);
    const std::string_view entry = name == nullptr ? "" : name;
    if (!entry.ends_with(kSuffix)) continue;
    names_.emplace_back(entry.substr(0, entry.size() - kSuffix.size()));
  }
}

bool Npz::contains(std::string_view name) const {
  return std::find(names_.begin(), names_.end(), name) != names_.end();
}

void Npz::require(std::string_view name) const {
  if (contains(name)) return;
  throw Error(ErrorCode::kInvalidData, fmt::format("{}: no array is named '{}'; it has: {}",
                                                   path_.string(), name, fmt::join(names_, ", ")));
}

NpyHeader Npz::header(std::string_view name) const {
  require(name);
  return Entry(path_, name).read_header();
}

Tensor Npz::read(std::string_view name) const {
  require(name);
  Entry entry(path_, name);
  const NpyHeader header = entry.read_header();
  Tensor tensor = read_npy_elements(entry.reader(), header);
  entry.check_end();
  return tensor;
}

Tensor Npz::read_rows(std::string_view name, std::span<const std::size_t> rows) const {
  require(name);
  Entry entry(path_, name);
  const NpyHeader header = entry.read_header();
  return read_npy_rows(entry.reader(), header, rows);
}

void write_npz(const fs::path& path, const std::map<std::string, Tensor>& arrays) {
  int code = 0;
  Zip archive(zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, &code));
  if (archive == nullptr) {
    throw Error(ErrorCode::kIo, fmt::format("{}: {}", path.string(), zip_message(code)));
  }
  std::vector<std::vector<std::byte>> contents;  // read by zip_close
  for (const auto& [name, tensor] : arrays) {
    contents.push_back(to_npy(tensor));
    add_array(archive.get(), name, contents.back());
  }
  zip_t* open_archive = archive.release();   // zip_close frees it, unless it fails
  if (zip_close(open_archive) == 0) return;  // has written beside `path` and renamed
  archive.reset(open_archive);
  throw Error(ErrorCode::kIo, fmt::format("{}: {}", path.string(), zip_strerror(open_archive)));
}

}  // namespace octavo
