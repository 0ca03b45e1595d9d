// Header and section table of a .nog file, checked: after read_section_table every byte of the file is accounted for
// and every hash is right. What the sections say is checked by the reader.
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
  std::uint32_t kind = 0;  // of SectionKind, or one that this version does not know
  std::uint32_t flags = 0;
  std::uint64_t offset = 0, size = 0, hash = 0;
  std::uint32_t alignment = 0;
  std::uint32_t needs_layout = 0;
};

struct SectionTable {
  std::uint64_t content_hash = 0;  // of header and table; the table holds the hash of every section, so of everything
  std::vector<SectionEntry> entries;

  // The bytes of a section that kKnownSections lists: always there once read_section_table has succeeded.
  std::span<const std::byte> content(std::span<const std::byte> file, SectionKind kind) const;
};

// kInvalidArgument: not 64-byte aligned. kUnsupported: another layout or numerics version, or an unknown required
// section, with the needed version named. kCorrupt: everything else.
Result<SectionTable> read_section_table(std::span<const std::byte> file);

// "config", ..., or "unknown kind 17".
std::string section_name(std::uint32_t kind);

}  // namespace noggin::format
