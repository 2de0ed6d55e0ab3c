#include "core/build_version.h"

#include <elf.h>
#include <fmt/format.h>
#include <link.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace octavo {
namespace {

// An address within whatever file this code was linked into.
constexpr char kHere = 0;

struct Search {
  std::uintptr_t here = reinterpret_cast<std::uintptr_t>(&kHere);
  std::string id;  // hexadecimal; empty: none was found
};

std::size_t padded(std::size_t bytes) { return (bytes + 3) / 4 * 4; }

// The notes of a loaded file: a header, a name and a content each (System V ABI, chapter 5).
std::string id_in(std::span<const unsigned char> notes) {
  while (notes.size() > sizeof(ElfW(Nhdr))) {
    const auto* header = reinterpret_cast<const ElfW(Nhdr)*>(notes.data());
    const std::size_t content = sizeof(*header) + padded(header->n_namesz);
    const std::size_t end = content + padded(header->n_descsz);
    if (end > notes.size()) return {};
    const std::string_view name(reinterpret_cast<const char*>(notes.data()) + sizeof(*header), 3);
    if (header->n_type == NT_GNU_BUILD_ID && name == "GNU") {
      std::string text;
      for (const unsigned char byte : notes.subspan(content, header->n_descsz)) {
        text += fmt::format("{:02x}", byte);
      }
      return text;
    }
    notes = notes.subspan(end);
  }
  return {};
}

std::span<const unsigned char> loaded(const dl_phdr_info& file, const ElfW(Phdr) & part) {
  return {reinterpret_cast<const unsigned char*>(file.dlpi_addr + part.p_vaddr), part.p_memsz};
}

bool holds(const dl_phdr_info& file, std::uintptr_t address) {
  for (const ElfW(Phdr) & part : std::span(file.dlpi_phdr, file.dlpi_phnum)) {
    const std::uintptr_t begin = file.dlpi_addr + part.p_vaddr;
    if (part.p_type == PT_LOAD && address >= begin && address < begin + part.p_memsz) return true;
  }
  return false;
}

// Called for each loaded file; not 0: enough.
int look_into(dl_phdr_info* file, std::size_t, void* data) {
  auto& search = *static_cast<Search*>(data);
  if (!holds(*file, search.here)) return 0;
  for (const ElfW(Phdr) & part : std::span(file->dlpi_phdr, file->dlpi_phnum)) {
    if (part.p_type == PT_NOTE && search.id.empty()) search.id = id_in(loaded(*file, part));
  }
  return 1;
}

}  // namespace

std::string build_version() {
  Search search;
  dl_iterate_phdr(look_into, &search);
  const std::string version = OCTAVO_VERSION;
  return search.id.empty() ? version : fmt::format("{} build {}", version, search.id);
}

}  // namespace octavo
