// Header and section table of a .nog file, checked: after read_section_table every byte of the file is accounted for.
// The reader checks the hashes and the content of the sections.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "format/file_layout.h"
#include "noggin/result.h"

namespace noggin::format {

struct SectionEntry {
  std::uint32_t kind = 0;  // a SectionKind, or one that this version does not know
  std::uint32_t flags = 0;
  std::uint64_t offset = 0, size = 0, hash = 0;
  std::uint32_t alignment = 0;
  std::uint32_t needs_layout = 0;
};

struct SectionTable {
  std::uint32_t layout_version = 0;
  std::uint64_t content_hash = 0;  // of header and table, which holds every section's hash: so of the whole file
  std::vector<SectionEntry> entries;

  const SectionEntry* find(SectionKind kind) const;  // null if the file has none
  // A section that kKnownSections says is always in a file of this layout version: so it is, once read_section_table
  // has succeeded.
  const SectionEntry& entry(SectionKind kind) const { return *find(kind); }
};

inline std::span<const std::byte> content(std::span<const std::byte> file, const SectionEntry& entry) {
  return file.subspan(entry.offset, entry.size);
}

// kInvalidArgument: not 64-byte aligned. kUnsupported: another layout or numerics version, or an unknown required
// section; the message names the version it needs. kCorrupt: everything else.
Result<SectionTable> read_section_table(std::span<const std::byte> file);

Error wrong_section_hash(const SectionEntry& entry);
Status check_section_hash(std::span<const std::byte> file, const SectionEntry& entry);

// "config", ..., or "unknown kind 17".
std::string section_name(std::uint32_t kind);

}  // namespace noggin::format
