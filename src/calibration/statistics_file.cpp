// The file: "OCTSTAT2", then the content, then its XXH64. Integers are LEB128 varints, floats their
// four bytes, texts a length and bytes. Content: the model's fingerprint; number of intervals of
// samples; of each: distance from the last one's end, length; number of tensors; of each, in name
// order: name, the five counts, min, max; number of pages; of each: index, number of filled bins,
// and of each its distance from the one before and its count; number of samples; of each: distance,
// min, max; number of tensors with channels; of each, in name order: name, axis, number of
// channels, and each channel like a tensor.
#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>

#include "calibration/channel_statistics.h"
#include "calibration/tensor_statistics.h"
#include "core/atomic_file.h"
#include "octavo/error.h"
#include "octavo/statistics.h"

namespace octavo {
namespace {

constexpr std::string_view kMagic = "OCTSTAT2";

class Writer {
 public:
  void number(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7U) bytes_.push_back(static_cast<char>(value | 0x80));
    bytes_.push_back(static_cast<char>(value));
  }
  void real(float value) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    for (unsigned shift = 0; shift < 32; shift += 8) {
      bytes_.push_back(static_cast<char>(bits >> shift));
    }
  }
  void text(std::string_view value) {
    number(value.size());
    bytes_ += value;
  }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

class Reader {
 public:
  Reader(std::string_view bytes, std::string file) : bytes_(bytes), file_(std::move(file)) {}

  std::uint64_t number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const auto byte = static_cast<unsigned char>(next());
      value |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
      if (byte < 0x80) return value;
    }
    fail("a number is too long");
  }
  float real() {
    std::uint32_t bits = 0;
    for (unsigned shift = 0; shift < 32; shift += 8) {
      bits |= static_cast<std::uint32_t>(static_cast<unsigned char>(next())) << shift;
    }
    return std::bit_cast<float>(bits);
  }
  std::string text() {
    const std::uint64_t size = number();
    if (size > bytes_.size()) fail("truncated");
    std::string value(bytes_.substr(0, size));
    bytes_.remove_prefix(size);
    return value;
  }
  // A count of things of at least one byte each: refused where the rest could not hold them.
  std::uint64_t size() {
    const std::uint64_t value = number();
    if (value > bytes_.size()) fail("truncated");
    return value;
  }
  bool empty() const { return bytes_.empty(); }
  [[noreturn]] void fail(std::string_view what) const {
    throw Error(ErrorCode::kInvalidFile, fmt::format("{}: not a statistics file: {}", file_, what));
  }

 private:
  char next() {
    if (bytes_.empty()) fail("truncated");
    const char byte = bytes_.front();
    bytes_.remove_prefix(1);
    return byte;
  }

  std::string_view bytes_;
  std::string file_;
};

}  // namespace

// Knows the insides of Sketch and TensorStatistics, which nobody else needs to.
class StatisticsFile {
 public:
  static void write(const TensorStatistics& statistics, Writer& writer) {
    write(statistics.sketch_, writer);
    writer.number(statistics.samples_.size());
    std::uint64_t previous = 0;
    for (const SampleRange& sample : statistics.samples_) {
      writer.number(sample.sample - previous);
      writer.real(sample.min);
      writer.real(sample.max);
      previous = sample.sample;
    }
  }

  static TensorStatistics read(Reader& reader) {
    TensorStatistics statistics;
    read(statistics.sketch_, reader);
    std::uint64_t sample = 0;
    for (std::uint64_t left = reader.size(); left > 0; --left) {
      sample += reader.number();
      const float min = reader.real();
      const float max = reader.real();
      statistics.samples_.push_back({sample, min, max});
    }
    if (statistics.samples_.empty() && statistics.sketch_.finite() > 0) {
      reader.fail("values of no sample");
    }
    return statistics;
  }

  static void write(const ChannelStatistics& statistics, Writer& writer) {
    writer.number(static_cast<std::uint64_t>(statistics.axis_));
    writer.number(statistics.channels_.size());
    for (const TensorStatistics& channel : statistics.channels_) write(channel, writer);
  }

  static ChannelStatistics read_channels(Reader& reader) {
    constexpr std::uint64_t kMaxAxis = 64;
    const std::uint64_t axis = reader.number();
    if (axis > kMaxAxis) reader.fail("an axis that no tensor has");
    ChannelStatistics statistics(static_cast<int>(axis));
    statistics.axis_ = static_cast<int>(axis);
    for (std::uint64_t left = reader.size(); left > 0; --left) {
      statistics.channels_.push_back(read(reader));
    }
    return statistics;
  }

 private:
  static void write(const Sketch& sketch, Writer& writer) {
    for (const std::uint64_t count : {sketch.finite_, sketch.zeros_, sketch.nan_,
                                      sketch.positive_infinity_, sketch.negative_infinity_}) {
      writer.number(count);
    }
    writer.real(sketch.min_);
    writer.real(sketch.max_);
    std::vector<std::uint32_t> filled;
    for (std::uint32_t i = 0; i < BinCounts::kPages; ++i) {
      if (sketch.counts_.is_open(i) && filled_bins(sketch.counts_.page(i)) > 0) filled.push_back(i);
    }
    writer.number(filled.size());
    for (const std::uint32_t index : filled) {
      writer.number(index);
      write(sketch.counts_.page(index), writer);
    }
  }

  static std::uint64_t filled_bins(const BinCounts::PageCounts& page) {
    return BinCounts::kBinsPerPage -
           static_cast<std::uint64_t>(std::count(page.begin(), page.end(), 0U));
  }

  static void write(const BinCounts::PageCounts& page, Writer& writer) {
    writer.number(filled_bins(page));
    std::uint32_t previous = 0;
    for (std::uint32_t bin = 0; bin < BinCounts::kBinsPerPage; ++bin) {
      if (page[bin] == 0) continue;
      writer.number(bin - previous);
      writer.number(page[bin]);
      previous = bin;
    }
  }

  // bins() cuts the outermost bins to the ends: ends that lie elsewhere leave a trace.
  static bool ends_fit(const Sketch& sketch) {
    const std::vector<Sketch::Bin> bins = sketch.bins();
    if (bins.empty()) return true;
    return bins.front().lower == sketch.min_ && bins.front().lower <= bins.front().upper &&
           bins.back().upper == sketch.max_ && bins.back().lower <= bins.back().upper;
  }

  static void read(Sketch& sketch, Reader& reader) {
    for (std::uint64_t* count : {&sketch.finite_, &sketch.zeros_, &sketch.nan_,
                                 &sketch.positive_infinity_, &sketch.negative_infinity_}) {
      *count = reader.number();
    }
    sketch.min_ = reader.real();
    sketch.max_ = reader.real();
    std::uint64_t in_bins = sketch.zeros_;
    for (std::uint64_t left = reader.size(); left > 0; --left) {
      const std::uint64_t index = reader.number();
      if (index >= BinCounts::kPages) reader.fail("a page that no value has");
      const auto page = static_cast<std::uint32_t>(index);
      if (sketch.counts_.is_open(page)) reader.fail("a page comes twice");
      sketch.counts_.open_pages(page, page);
      std::uint64_t bin = 0;
      for (std::uint64_t filled = reader.size(); filled > 0; --filled) {
        bin += reader.number();
        if (bin >= BinCounts::kBinsPerPage) reader.fail("a bin beyond its page");
        const std::uint64_t count = reader.number();
        sketch.counts_.add(page * BinCounts::kBinsPerPage + static_cast<std::uint32_t>(bin), count);
        in_bins += count;
      }
    }
    if (in_bins != sketch.finite_) reader.fail("the counts do not add up");
    if (!ends_fit(sketch)) reader.fail("the smallest or largest value lies in no bin");
  }
};

namespace {

void write_samples(const Statistics& statistics, Writer& writer) {
  writer.number(statistics.samples().size());
  std::uint64_t end = 0;
  for (const SampleInterval& interval : statistics.samples()) {
    writer.number(interval.first - end);
    writer.number(interval.last - interval.first);
    end = interval.last;
  }
}

void read_samples(Statistics& statistics, Reader& reader) {
  std::uint64_t end = 0;
  for (std::uint64_t left = reader.size(); left > 0; --left) {
    const std::uint64_t first = end + reader.number();
    const std::uint64_t last = first + reader.number();
    if (first < end || last <= first) reader.fail("an interval of samples that is none");
    statistics.add_samples({first, last});
    end = last;
  }
}

}  // namespace

Statistics statistics_from_bytes(std::string_view bytes, const std::string& name) {
  constexpr std::size_t kChecksumBytes = sizeof(XXH64_canonical_t);
  if (!bytes.starts_with(kMagic) || bytes.size() < kMagic.size() + kChecksumBytes) {
    Reader({}, name).fail("it does not begin with " + std::string(kMagic));
  }
  XXH64_canonical_t stored;
  std::memcpy(&stored, bytes.data() + bytes.size() - kChecksumBytes, kChecksumBytes);
  bytes.remove_suffix(kChecksumBytes);
  if (XXH64(bytes.data(), bytes.size(), 0) != XXH64_hashFromCanonical(&stored)) {
    Reader({}, name).fail("truncated or damaged, its checksum differs");
  }
  bytes.remove_prefix(kMagic.size());
  Reader reader(bytes, name);
  Statistics statistics;
  statistics.set_model_fingerprint(reader.number());
  read_samples(statistics, reader);
  for (std::uint64_t left = reader.size(); left > 0; --left) {
    std::string tensor = reader.text();
    statistics.tensors().insert_or_assign(std::move(tensor), StatisticsFile::read(reader));
  }
  for (std::uint64_t left = reader.size(); left > 0; --left) {
    std::string tensor = reader.text();
    statistics.channels().insert_or_assign(std::move(tensor),
                                           StatisticsFile::read_channels(reader));
  }
  if (!reader.empty()) reader.fail("something follows the last tensor");
  return statistics;
}

std::string to_bytes(const Statistics& statistics) {
  Writer writer;
  writer.number(statistics.model_fingerprint());
  write_samples(statistics, writer);
  writer.number(statistics.tensors().size());
  for (const auto& [name, tensor] : statistics.tensors()) {
    writer.text(name);
    StatisticsFile::write(tensor, writer);
  }
  writer.number(statistics.channels().size());
  for (const auto& [name, channels] : statistics.channels()) {
    writer.text(name);
    StatisticsFile::write(channels, writer);
  }
  std::string bytes = std::string(kMagic) + writer.bytes();
  XXH64_canonical_t checksum;
  XXH64_canonicalFromHash(&checksum, XXH64(bytes.data(), bytes.size(), 0));
  bytes.append(reinterpret_cast<const char*>(&checksum), sizeof(checksum));
  return bytes;
}

Statistics read_statistics(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream || std::filesystem::is_directory(path)) {
    throw Error(ErrorCode::kNotFound, fmt::format("{}: cannot be read", path.string()));
  }
  const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
  return statistics_from_bytes(bytes, path.string());
}

void write_statistics(const Statistics& statistics, const std::filesystem::path& path) {
  write_file_atomically(path, to_bytes(statistics));
}

}  // namespace octavo
