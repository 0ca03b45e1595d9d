#include "format/section_table.h"

#include <algorithm>
#include <cstring>

#include "bytes/content_hash.h"
#include "bytes/little_endian.h"
#include "bytes/message.h"
#include "format/value_checks.h"
#include "spec/layout.h"
#include "spec/versions.h"

namespace noggin::format {
namespace {

const KnownSection* find_known(std::uint32_t kind) {
  for (const KnownSection& known : kKnownSections) {
    if (static_cast<std::uint32_t>(known.kind) == kind) return &known;
  }
  return nullptr;
}

std::string place_of(const SectionEntry& entry) { return message({"section ", section_name(entry.kind)}); }

bool all_zero(std::span<const std::byte> bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::byte b) { return b == std::byte{0}; });
}

Status check_layout_version(std::span<const std::byte> file) {
  if (reinterpret_cast<std::uintptr_t>(file.data()) % spec::kTensorAlignment != 0) {
    return Error{ErrorCode::kInvalidArgument,
                 ".nog bytes do not start at a 64-byte boundary; map the file or copy it into aligned memory"};
  }
  if (file.size() < kHeaderBytes) {
    return broken_rule("header", {"the file has ", file.size(), " bytes, a header alone has ", kHeaderBytes});
  }
  if (std::memcmp(file.data(), kMagic.data(), kMagic.size()) != 0) {
    return broken_rule("header", {"this is not a .nog file (it does not start with NOGGIN 00 1A)"});
  }
  const std::uint32_t layout = load_u32(&file[kLayoutVersionOffset]);
  if (layout >= spec::kOldestLayoutVersion && layout <= spec::kLayoutVersion) return {};
  return Error{ErrorCode::kUnsupported,
               message({"header: the file has layout version ", layout, ", this runtime reads versions ",
                        spec::kOldestLayoutVersion, " to ", spec::kLayoutVersion,
                        ". Use a runtime that reads it, or export again"})};
}

// Success: header and table are inside the file and unchanged since they were written.
Status check_header_hash(std::span<const std::byte> file) {
  const std::uint32_t header_size = load_u32(&file[kHeaderSizeOffset]);
  if (header_size < kHeaderBytes || header_size > kMaxHeaderBytes) {
    return broken_rule("header", {"header size ", header_size, ", must be ", kHeaderBytes, " to ", kMaxHeaderBytes});
  }
  const std::uint32_t count = load_u32(&file[kSectionCountOffset]);
  if (count < 1 || count > kMaxSections) {
    return broken_rule("header", {"section count ", count, ", must be 1 to ", kMaxSections});
  }
  const std::size_t table_end = header_size + count * kEntryBytes;
  if (table_end > file.size()) {
    return broken_rule("header",
                       {"the file ends inside the section table (", file.size(), " of ", table_end, " bytes)"});
  }
  if (content_hash(file.subspan(kHashedFrom, table_end - kHashedFrom)) == load_u64(&file[kHeaderHashOffset])) return {};
  return broken_rule("header", {"the hash of header and section table is wrong"});
}

Status check_header_fields(std::span<const std::byte> file) {
  const std::uint64_t file_size = load_u64(&file[kFileSizeOffset]);
  if (file_size != file.size()) {
    return broken_rule("header", {"the file should have ", file_size, " bytes and has ", file.size()});
  }
  if (!all_zero(file.subspan(kReservedOffset, kHeaderBytes - kReservedOffset))) {
    return broken_rule("header", {"the reserved bytes are not zero"});
  }
  const std::uint32_t numerics = load_u32(&file[kNumericsVersionOffset]);
  if (numerics == spec::kNumericsVersion) return {};
  return Error{ErrorCode::kUnsupported,
               message({"header: the file has numerics version ", numerics, ", this runtime computes version ",
                        spec::kNumericsVersion, ". Use a runtime with that version, or export again"})};
}

SectionEntry load_entry(const std::byte* from) {
  SectionEntry entry;
  entry.kind = load_u32(from + kEntryKindOffset);
  entry.flags = load_u32(from + kEntryFlagsOffset);
  entry.offset = load_u64(from + kEntryOffsetOffset);
  entry.size = load_u64(from + kEntrySizeOffset);
  entry.hash = load_u64(from + kEntryHashOffset);
  entry.alignment = load_u32(from + kEntryAlignmentOffset);
  entry.needs_layout = load_u32(from + kEntryNeedsLayoutOffset);
  return entry;
}

Status check_known_section(const SectionEntry& entry, const KnownSection& known, std::uint32_t layout) {
  const std::string where = message({"section ", known.name});
  if (entry.flags != known.flags) return broken_rule(where, {"flags are ", entry.flags});
  if (entry.alignment != kSectionAlignment) {
    return broken_rule(where, {"alignment is ", entry.alignment, ", must be ", kSectionAlignment});
  }
  if (entry.needs_layout != known.needs_layout) {
    return broken_rule(where, {"needs layout version ", entry.needs_layout, ", must be ", known.needs_layout});
  }
  if (known.needs_layout <= layout) return {};
  return broken_rule(where, {"needs layout version ", known.needs_layout, ", the header says ", layout});
}

Status check_unknown_section(const SectionEntry& entry) {
  const std::string where = place_of(entry);
  if ((entry.flags & kFlagRequired) != 0) {
    return Error{ErrorCode::kUnsupported,
                 message({where, ": is required and needs layout version ", entry.needs_layout,
                          ", this runtime reads versions up to ", spec::kLayoutVersion, ". Use a newer runtime"})};
  }
  if (entry.flags != 0) return broken_rule(where, {"flags are ", entry.flags});
  const std::uint32_t alignment = entry.alignment;
  if (alignment != 0 && alignment <= kMaxSectionAlignment && (alignment & (alignment - 1)) == 0) return {};
  return broken_rule(where, {"alignment ", alignment, " is not a power of two up to ", kMaxSectionAlignment});
}

// No gap, no overlap: a section starts at the first aligned byte after the previous one, and the bytes between are
// zero.
// `end` is the end of the previous section and becomes the end of this one.
Status check_extent(const SectionEntry& entry, std::span<const std::byte> file, std::uint64_t& end) {
  const std::string where = place_of(entry);
  const std::uint64_t expected = spec::round_up(end, entry.alignment);
  if (entry.offset != expected) {
    return broken_rule(where, {"starts at byte ", entry.offset, ", must start at byte ", expected});
  }
  if (entry.offset > file.size() || entry.size > file.size() - entry.offset) {
    return broken_rule(where, {"its ", entry.size, " bytes reach past the end of the file"});
  }
  if (!all_zero(file.subspan(end, expected - end))) return broken_rule(where, {"the bytes before it are not zero"});
  end = entry.offset + entry.size;
  return {};
}

Status check_entry(const SectionEntry& entry, std::uint32_t kind_before, std::uint32_t layout) {
  if (entry.kind <= kind_before) {
    return broken_rule("section table",
                       {"kind ", entry.kind, " follows kind ", kind_before, "; kinds ascend and appear once"});
  }
  const KnownSection* known = find_known(entry.kind);
  return known != nullptr ? check_known_section(entry, *known, layout) : check_unknown_section(entry);
}

Status check_all_known_present(const std::vector<SectionEntry>& entries, std::uint32_t layout) {
  for (const KnownSection& known : kKnownSections) {
    if (known.needs_layout > layout || !known.always) continue;
    const bool present = std::any_of(entries.begin(), entries.end(), [&](const SectionEntry& entry) {
      return entry.kind == static_cast<std::uint32_t>(known.kind);
    });
    if (!present) return broken_rule("section table", {"section ", known.name, " is missing"});
  }
  return {};
}

}  // namespace

std::string section_name(std::uint32_t kind) {
  const KnownSection* known = find_known(kind);
  return known != nullptr ? known->name : message({"unknown kind ", kind});
}

const SectionEntry* SectionTable::find(SectionKind kind) const {
  for (const SectionEntry& listed : entries) {
    if (listed.kind == static_cast<std::uint32_t>(kind)) return &listed;
  }
  return nullptr;
}

Error wrong_section_hash(const SectionEntry& entry) {
  return broken_rule(place_of(entry), {"the hash of its content is wrong"});
}

Status check_section_hash(std::span<const std::byte> file, const SectionEntry& entry) {
  return content_hash(content(file, entry)) == entry.hash ? Status() : wrong_section_hash(entry);
}

Result<SectionTable> read_section_table(std::span<const std::byte> file) {
  if (Status status = check_layout_version(file); !status) return status.error();
  if (Status status = check_header_hash(file); !status) return status.error();
  if (Status status = check_header_fields(file); !status) return status.error();

  SectionTable table;
  table.layout_version = load_u32(&file[kLayoutVersionOffset]);
  table.content_hash = load_u64(&file[kHeaderHashOffset]);
  const std::uint32_t count = load_u32(&file[kSectionCountOffset]);
  const std::byte* next = file.data() + load_u32(&file[kHeaderSizeOffset]);
  std::uint64_t end = load_u32(&file[kHeaderSizeOffset]) + count * kEntryBytes;
  table.entries.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i, next += kEntryBytes) {
    const SectionEntry entry = load_entry(next);
    if (Status status = check_entry(entry, i == 0 ? 0 : table.entries.back().kind, table.layout_version); !status)
      return status.error();
    if (Status status = check_extent(entry, file, end); !status) return status.error();
    table.entries.push_back(entry);
  }
  if (end != file.size()) {
    return broken_rule("section table", {file.size() - end, " bytes follow the last section"});
  }
  if (Status status = check_all_known_present(table.entries, table.layout_version); !status) return status.error();
  return table;
}

}  // namespace noggin::format
