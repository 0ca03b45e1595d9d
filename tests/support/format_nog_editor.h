// Takes a .nog file apart and assembles an invalid one: contents may be anything; sizes, offsets and hashes are
// correct, so that the reader gets past the hashes to the rule under test.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "bytes/content_hash.h"
#include "bytes/little_endian.h"
#include "format/file_layout.h"
#include "format/section_table.h"
#include "tests/support/format_aligned_bytes.h"

namespace noggin::test {

using Bytes = std::vector<std::byte>;

inline std::size_t entry_at(std::size_t index) { return format::kHeaderBytes + index * format::kEntryBytes; }

inline void repair_header_hash(Bytes& file) {
  const std::size_t end = load_u32(&file[format::kHeaderSizeOffset]) +
                          std::size_t{load_u32(&file[format::kSectionCountOffset])} * format::kEntryBytes;
  if (end <= format::kHashedFrom || end > file.size()) return;
  store_u64(&file[format::kHeaderHashOffset], content_hash({&file[format::kHashedFrom], end - format::kHashedFrom}));
}

// Recomputes the hash of every section whose entry still points into the file, then that of the header.
inline void repair_hashes(Bytes& file) {
  const std::size_t table = load_u32(&file[format::kHeaderSizeOffset]);
  const std::size_t count = load_u32(&file[format::kSectionCountOffset]);
  for (std::size_t i = 0; i < count && table + (i + 1) * format::kEntryBytes <= file.size(); ++i) {
    std::byte* entry = &file[table + i * format::kEntryBytes];
    const std::uint64_t offset = load_u64(entry + format::kEntryOffsetOffset);
    const std::uint64_t size = load_u64(entry + format::kEntrySizeOffset);
    if (offset > file.size() || size > file.size() - offset) continue;
    store_u64(entry + format::kEntryHashOffset, content_hash({file.data() + offset, static_cast<std::size_t>(size)}));
  }
  repair_header_hash(file);
}

struct EditedSection {
  std::uint32_t kind, flags, alignment, needs_layout;
  Bytes content;
};

// The sections of a valid file.
inline std::vector<EditedSection> take_apart(const Bytes& bytes) {
  const AlignedBytes file(bytes);
  std::vector<EditedSection> sections;
  const Result<format::SectionTable> table = format::read_section_table(file.span());
  for (const format::SectionEntry& entry : table->entries) {
    const auto first = bytes.begin() + static_cast<std::ptrdiff_t>(entry.offset);
    sections.push_back({entry.kind, entry.flags, entry.alignment, entry.needs_layout,
                        Bytes(first, first + static_cast<std::ptrdiff_t>(entry.size))});
  }
  return sections;
}

// `header` gives the header's bytes; counts, sizes, offsets and hashes are adjusted. Alignments must be positive.
inline Bytes put_together(const Bytes& header, const std::vector<EditedSection>& sections) {
  Bytes file(header.begin(), header.begin() + format::kHeaderBytes);
  file.resize(format::kHeaderBytes + sections.size() * format::kEntryBytes);
  for (std::size_t i = 0; i < sections.size(); ++i) {
    const EditedSection& section = sections[i];
    file.resize((file.size() + section.alignment - 1) / section.alignment * section.alignment);
    std::byte* entry = &file[entry_at(i)];
    store_u32(entry + format::kEntryKindOffset, section.kind);
    store_u32(entry + format::kEntryFlagsOffset, section.flags);
    store_u64(entry + format::kEntryOffsetOffset, file.size());
    store_u64(entry + format::kEntrySizeOffset, section.content.size());
    store_u32(entry + format::kEntryAlignmentOffset, section.alignment);
    store_u32(entry + format::kEntryNeedsLayoutOffset, section.needs_layout);
    file.insert(file.end(), section.content.begin(), section.content.end());
  }
  store_u32(&file[format::kSectionCountOffset], static_cast<std::uint32_t>(sections.size()));
  store_u64(&file[format::kFileSizeOffset], file.size());
  repair_hashes(file);
  return file;
}

// Adds a section of golden hashes with these vectors, none by default.
inline Bytes& add_golden_hashes(std::vector<EditedSection>& sections, Bytes content = Bytes(4)) {
  sections.push_back({static_cast<std::uint32_t>(format::SectionKind::kGoldenHashes), 0, format::kSectionAlignment, 1,
                      std::move(content)});
  return sections.back().content;
}

// The content of one section in `sections`.
inline Bytes& content_of(std::vector<EditedSection>& sections, format::SectionKind kind) {
  for (EditedSection& section : sections) {
    if (section.kind == static_cast<std::uint32_t>(kind)) return section.content;
  }
  std::abort();  // a bug in the test
}

}  // namespace noggin::test
