// Rules of header and section table: one hostile file each, hashes repaired unless the hash is the rule.
#include "spec/versions.h"
#include "tests/support/format_hostile_case.h"

namespace noggin::test {
namespace {

class HeaderRules : public testing::TestWithParam<HostileCase> {};
TEST_P(HeaderRules, IsRefused) { expect_refused(GetParam()); }

HostileCase with_header_u32(std::string name, std::size_t offset, std::uint32_t value, std::string expected,
                            ErrorCode code = ErrorCode::kCorrupt) {
  return {std::move(name),
          [=] {
            Bytes file = valid_file();
            store_u32(&file[offset], value);
            repair_header_hash(file);
            return file;
          },
          std::move(expected), code};
}

HostileCase cut_to(std::string name, std::size_t size, std::string expected) {
  return {std::move(name),
          [size] {
            Bytes file = valid_file();
            file.resize(size);
            return file;
          },
          std::move(expected)};
}

HostileCase with_entry_u32(std::string name, std::size_t entry, std::size_t field, std::uint32_t value,
                           std::string expected) {
  return patched(std::move(name), [=](Bytes& file) { store_u32(&file[entry_at(entry) + field], value); }, expected);
}

HostileCase with_entry_u64(std::string name, std::size_t entry, std::size_t field,
                           std::function<std::uint64_t(std::uint64_t)> change, std::string expected) {
  return patched(
      std::move(name),
      [=](Bytes& file) {
        std::byte* at = &file[entry_at(entry) + field];
        store_u64(at, change(load_u64(at)));
      },
      expected);
}

HostileCase with_extra_section(std::string name, EditedSection section, std::string expected,
                               ErrorCode code = ErrorCode::kCorrupt) {
  return rebuilt(std::move(name), [=](auto& sections) { sections.push_back(section); }, std::move(expected), code);
}

INSTANTIATE_TEST_SUITE_P(
    Header, HeaderRules,
    testing::Values(cut_to("NoBytes", 0, "a header alone has 64"),
                    cut_to("ShorterThanHeader", 63, "a header alone has 64"),
                    patched(
                        "OtherMagic", [](Bytes& file) { file[3] = std::byte{'X'}; }, "not a .nog file"),
                    with_header_u32("NewerLayout", format::kLayoutVersionOffset, spec::kLayoutVersion + 1,
                                    "layout version 6, this runtime reads versions 1 to 5", ErrorCode::kUnsupported),
                    with_header_u32("NoLayout", format::kLayoutVersionOffset, 0, "layout version 0, this runtime reads",
                                    ErrorCode::kUnsupported),
                    with_header_u32("LayoutWithoutItsSections", format::kLayoutVersionOffset, 2,
                                    "section decision is missing"),
                    with_header_u32("NewerNumerics", format::kNumericsVersionOffset, spec::kNumericsVersion + 1,
                                    "numerics version 2, this runtime computes version 1", ErrorCode::kUnsupported),
                    with_header_u32("HeaderTooShort", format::kHeaderSizeOffset, 63, "header size 63"),
                    with_header_u32("HeaderTooLong", format::kHeaderSizeOffset, 4097, "header size 4097"),
                    with_header_u32("NoSections", format::kSectionCountOffset, 0, "section count 0"),
                    with_header_u32("TooManySections", format::kSectionCountOffset, 33, "section count 33"),
                    cut_to("CutInsideTable", 100, "ends inside the section table"),
                    HostileCase{"HeaderHash",
                                [] {
                                  Bytes file = valid_file();
                                  file[format::kHeaderHashOffset] ^= std::byte{1};
                                  return file;
                                },
                                "hash of header and section table is wrong"},
                    patched(
                        "FileSize", [](Bytes& file) { store_u64(&file[format::kFileSizeOffset], file.size() + 1); },
                        "the file should have"),
                    cut_to("LastByteMissing", valid_file().size() - 1, "the file should have"),
                    patched(
                        "ReservedBytes", [](Bytes& file) { file[format::kReservedOffset + 5] = std::byte{1}; },
                        "reserved bytes are not zero")),
    case_name);

constexpr std::uint32_t kUnknown = 100;
constexpr std::uint32_t kRequired = format::kFlagRequired;

INSTANTIATE_TEST_SUITE_P(
    Table, HeaderRules,
    testing::Values(
        rebuilt(
            "SectionNewerThanTheLayout",
            [](auto& sections) { sections.push_back(take_apart(valid_tagger_file()).back()); },
            "section decision: needs layout version 2, the header says 1"),
        rebuilt(
            "DecisionMissing", [](auto& s) { s.pop_back(); }, "section decision is missing", ErrorCode::kCorrupt,
            valid_tagger_file),
        rebuilt(
            "DecisionNeedsOne", [](auto& s) { s.back().needs_layout = 1; },
            "section decision: needs layout version 1, must be 2", ErrorCode::kCorrupt, valid_tagger_file),
        rebuilt(
            "DecisionOptional", [](auto& s) { s.back().flags = 0; }, "section decision: flags are 0",
            ErrorCode::kCorrupt, valid_tagger_file),
        rebuilt(
            "KindTwice", [](auto& sections) { sections.insert(sections.begin() + 1, sections[0]); },
            "kind 1 follows kind 1"),
        rebuilt(
            "KindsSwapped", [](auto& sections) { std::swap(sections[1], sections[2]); }, "kind 2 follows kind 3"),
        rebuilt(
            "KindZero", [](auto& sections) { sections[0].kind = 0; }, "kind 0 follows kind 0"),
        rebuilt(
            "ConfigMissing", [](auto& s) { s.erase(s.begin()); }, "section config is missing"),
        rebuilt(
            "TokenizerMissing", [](auto& s) { s.erase(s.begin() + 1); }, "section tokenizer is missing"),
        rebuilt(
            "TaskMissing", [](auto& s) { s.erase(s.begin() + 2); }, "section task is missing"),
        rebuilt(
            "TensorsMissing", [](auto& s) { s.erase(s.begin() + 3); }, "section tensors is missing"),
        rebuilt(
            "GoldenMissing", [](auto& s) { s.erase(s.begin() + 4); }, "section golden is missing"),
        rebuilt(
            "ProvenanceMissing", [](auto& s) { s.erase(s.begin() + 5); }, "section provenance is missing"),
        with_entry_u32("KnownFlags", 0, format::kEntryFlagsOffset, 0, "section config: flags are 0"),
        with_entry_u32("KnownAlignment", 0, format::kEntryAlignmentOffset, 8, "section config: alignment is 8"),
        with_entry_u32("KnownNeedsLayout", 0, format::kEntryNeedsLayoutOffset, 2,
                       "section config: needs layout version 2"),
        with_entry_u64(
            "Hole", 3, format::kEntryOffsetOffset, [](auto v) { return v + 64; }, "must start at byte"),
        with_entry_u64(
            "Overlap", 3, format::kEntryOffsetOffset, [](auto v) { return v - 64; }, "must start at byte"),
        with_entry_u64(
            "Misaligned", 3, format::kEntryOffsetOffset, [](auto v) { return v + 1; }, "must start at byte"),
        with_entry_u64(
            "OffsetHuge", 3, format::kEntryOffsetOffset, [](auto) { return ~std::uint64_t{0}; }, "must start at byte"),
        with_entry_u64(
            "PastTheEnd", 5, format::kEntrySizeOffset, [](auto v) { return v + 1; }, "reach past the end"),
        with_entry_u64(
            "SizeHuge", 5, format::kEntrySizeOffset, [](auto) { return ~std::uint64_t{0}; }, "reach past the end"),
        with_entry_u64(
            "SizeThatWraps", 2, format::kEntrySizeOffset, [](auto) { return ~std::uint64_t{0} - 4096; },
            "reach past the end"),
        with_entry_u64(
            "BytesAfterLast", 5, format::kEntrySizeOffset, [](auto v) { return v - 1; },
            "1 bytes follow the last section"),
        patched(
            "PaddingBetween",
            [](Bytes& file) {
              const std::uint64_t next = load_u64(&file[entry_at(2) + format::kEntryOffsetOffset]);
              file[next - 1] = std::byte{1};
            },
            "section task: the bytes before it are not zero"),
        HostileCase{"SectionHash",
                    [] {
                      Bytes file = valid_file();
                      file[entry_at(3) + format::kEntryHashOffset] ^= std::byte{1};
                      repair_header_hash(file);
                      return file;
                    },
                    "section tensors: the hash of its content is wrong"},
        // The damage breaks a rule of its own (a weight of -128), which must not hide that it is damage.
        HostileCase{"SectionDamaged",
                    [] {
                      Bytes file = valid_file();
                      file[load_u64(&file[entry_at(3) + format::kEntryOffsetOffset])] = std::byte{0x80};
                      return file;
                    },
                    "section tensors: the hash of its content is wrong"},
        with_extra_section("UnknownRequired", {kUnknown, kRequired, 64, 9, {}},
                           "unknown kind 100: is required and needs layout version 9", ErrorCode::kUnsupported),
        with_extra_section("UnknownFlags", {kUnknown, 2, 64, 1, {}}, "flags are 2"),
        with_extra_section("UnknownAlignmentOdd", {kUnknown, 0, 24, 1, {}}, "alignment 24 is not a power of two"),
        with_extra_section("UnknownAlignmentLarge", {kUnknown, 0, 8192, 1, {}}, "alignment 8192 is not a power of two"),
        patched(
            "UnknownAlignmentZero",
            [](Bytes& file) {
              std::vector<EditedSection> sections = take_apart(file);
              sections.push_back({kUnknown, 0, 64, 1, {}});
              file = put_together(file, sections);
              store_u32(&file[entry_at(6) + format::kEntryAlignmentOffset], 0);
            },
            "alignment 0 is not a power of two")),
    case_name);

TEST(HeaderRules, MisalignedBytesAreRefused) {
  Bytes shifted(1);
  const Bytes file = valid_file();
  shifted.insert(shifted.end(), file.begin(), file.end());
  const AlignedBytes aligned(shifted);
  const Result<format::ModelView> view = format::read_model(aligned.span().subspan(1));
  ASSERT_FALSE(view);
  EXPECT_EQ(view.error().code, ErrorCode::kInvalidArgument);
  EXPECT_NE(view.error().message.find("64-byte boundary"), std::string::npos);
}

TEST(HeaderRules, UnknownOptionalSectionIsSkipped) {
  std::vector<EditedSection> sections = take_apart(valid_file());
  sections.push_back({kUnknown, 0, 4096, 7, Bytes(5, std::byte{1})});
  const AlignedBytes file(put_together(valid_file(), sections));
  const Result<format::ModelView> view = format::read_model(file.span());
  EXPECT_TRUE(view) << view.error().message;
  EXPECT_EQ(format::list_sections(file.span())->back().name, "unknown kind 100");
}

TEST(HeaderRules, LongerHeaderIsRead) {
  const Bytes valid = valid_file();
  const std::vector<EditedSection> sections = take_apart(valid);
  Bytes file = put_together(valid, sections);
  // 64 more header bytes move everything by 64, which keeps every alignment.
  file.insert(file.begin() + format::kHeaderBytes, 64, std::byte{0x77});
  store_u32(&file[format::kHeaderSizeOffset], 128);
  store_u64(&file[format::kFileSizeOffset], file.size());
  for (std::size_t i = 0; i < sections.size(); ++i) {
    std::byte* offset = &file[entry_at(i) + 64 + format::kEntryOffsetOffset];
    store_u64(offset, load_u64(offset) + 64);
  }
  repair_hashes(file);
  const AlignedBytes aligned(file);
  const Result<format::ModelView> view = format::read_model(aligned.span());
  EXPECT_TRUE(view) << view.error().message;
}

TEST(HeaderRules, TheUnchangedFileIsAccepted) {
  const AlignedBytes file(put_together(valid_file(), take_apart(valid_file())));
  EXPECT_TRUE(std::ranges::equal(file.span(), valid_file()));
  EXPECT_TRUE(format::read_model(file.span()));
}

}  // namespace
}  // namespace noggin::test
