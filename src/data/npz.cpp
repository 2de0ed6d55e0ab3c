#include "data/npz.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <zip.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>

#include "data/npy.h"
#include "octavo/error.h"

namespace octavo {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSuffix = ".npy";

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

Zip open_zip(const fs::path& path, int flags) {
  int code = 0;
  Zip archive(zip_open(path.c_str(), flags, &code));
  if (archive == nullptr) {
    throw Error(code == ZIP_ER_NOENT ? ErrorCode::kNotFound : ErrorCode::kInvalidData,
                fmt::format("{}: {}", path.string(), zip_message(code)));
  }
  return archive;
}

std::vector<std::byte> read_entry(zip_t* archive, const std::string& entry, const fs::path& path) {
  const std::string context = fmt::format("{}: {}", path.string(), entry);
  zip_stat_t stat;
  if (zip_stat(archive, entry.c_str(), 0, &stat) != 0 || (stat.valid & ZIP_STAT_SIZE) == 0) {
    throw Error(ErrorCode::kInvalidData, fmt::format("{}: unreadable entry", context));
  }
  if (stat.size > kLargestArrayBytes) {
    throw Error(ErrorCode::kInvalidData, fmt::format("{}: {} bytes, expected at most {}", context,
                                                     stat.size, kLargestArrayBytes));
  }
  const ZipFile file(zip_fopen(archive, entry.c_str(), 0));
  std::vector<std::byte> bytes(stat.size);
  const zip_int64_t got = file ? zip_fread(file.get(), bytes.data(), bytes.size()) : -1;
  if (got < 0 || static_cast<std::uint64_t>(got) != stat.size) {
    throw Error(ErrorCode::kInvalidData, fmt::format("{}: truncated or corrupt", context));
  }
  return bytes;
}

}  // namespace

Npz::Npz(const fs::path& path) : path_(path) {
  const Zip archive = open_zip(path, ZIP_RDONLY);
  const zip_int64_t count = zip_get_num_entries(archive.get(), 0);
  for (zip_int64_t i = 0; i < count; ++i) {
    const char* name = zip_get_name(archive.get(), static_cast<zip_uint64_t>(i), 0);
    const std::string_view entry = name == nullptr ? "" : name;
    if (entry.ends_with(kSuffix))
      names_.emplace_back(entry.substr(0, entry.size() - kSuffix.size()));
  }
}

bool Npz::contains(std::string_view name) const {
  return std::find(names_.begin(), names_.end(), name) != names_.end();
}

Tensor Npz::read(std::string_view name) const {
  if (!contains(name)) {
    throw Error(ErrorCode::kInvalidData,
                fmt::format("{}: no array is named '{}'; it has: {}", path_.string(), name,
                            fmt::join(names_, ", ")));
  }
  const Zip archive = open_zip(path_, ZIP_RDONLY);
  const std::string entry = std::string(name) + std::string(kSuffix);
  return parse_npy(read_entry(archive.get(), entry, path_),
                   fmt::format("{}: {}", path_.string(), name));
}

void write_npz(const fs::path& path, const std::map<std::string, Tensor>& arrays) {
  fs::path temporary = path;
  temporary += ".tmp";
  Zip archive = open_zip(temporary, ZIP_CREATE | ZIP_TRUNCATE);
  std::vector<std::vector<std::byte>> contents;  // must outlive zip_close
  for (const auto& [name, tensor] : arrays) {
    contents.push_back(to_npy(tensor));
    zip_source_t* source =
        zip_source_buffer(archive.get(), contents.back().data(), contents.back().size(), 0);
    const zip_int64_t index = zip_file_add(archive.get(), (name + std::string(kSuffix)).c_str(),
                                           source, ZIP_FL_OVERWRITE | ZIP_FL_ENC_UTF_8);
    if (index < 0) {
      zip_source_free(source);
      throw Error(ErrorCode::kIo,
                  fmt::format("{}: {}", path.string(), zip_strerror(archive.get())));
    }
    zip_set_file_compression(archive.get(), static_cast<zip_uint64_t>(index), ZIP_CM_STORE, 0);
  }
  if (zip_close(archive.get()) != 0) {
    throw Error(ErrorCode::kIo, fmt::format("{}: {}", path.string(), zip_strerror(archive.get())));
  }
  static_cast<void>(archive.release());  // zip_close has freed it
  fs::rename(temporary, path);
}

}  // namespace octavo
