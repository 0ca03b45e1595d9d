// Rules of the reference section: one hostile file each, hashes right.
#include "format/reference_counts.h"
#include "tests/support/format_hostile_case.h"

namespace noggin::test {
namespace {

using format::SectionKind;

class ReferenceRules : public testing::TestWithParam<HostileCase> {};
TEST_P(ReferenceRules, IsRefused) { expect_refused(GetParam()); }

// Reference: 4 numbers (u32), then counts (u64): requests, unanswered, errors, 3 answers, 20 probabilities, 20 lengths,
// 11 parts of unknown words.
HostileCase reference(std::string name, std::function<void(Bytes&)> edit, std::string expected) {
  return rewritten(std::move(name), SectionKind::kReference, std::move(edit), std::move(expected), ErrorCode::kCorrupt,
                   valid_file_with_reference);
}
HostileCase reference_count(std::string name, std::size_t index, std::uint64_t value, std::string expected) {
  return reference(std::move(name), [=](Bytes& b) { store_u64(&b[16 + 8 * index], value); }, std::move(expected));
}

INSTANTIATE_TEST_SUITE_P(
    Reference, ReferenceRules,
    testing::Values(reference(
                        "Empty", [](Bytes& b) { b.clear(); }, "reference: has 0 bytes, 3 answers need 472"),
                    reference(
                        "Cut", [](Bytes& b) { b.resize(b.size() - 8); }, "reference: has 464 bytes"),
                    reference(
                        "BytesAfter", [](Bytes& b) { b.resize(b.size() + 1); }, "reference: has 473 bytes"),
                    reference(
                        "OtherAnswers", [](Bytes& b) { store_u32(&b[0], 2); }, "reference: size 0 is 2, must be 3"),
                    reference(
                        "OtherBins", [](Bytes& b) { store_u32(&b[8], 21); }, "size 2 is 21, must be 20"),
                    reference_count("Huge", 4, (std::uint64_t{1} << 48U) + 1,
                                    "count 4 is 281474976710657, must be at most 2^48"),
                    reference_count("Requests", 0, 6, "6 requests, but 5 by length, 5 by unknown words"),
                    reference_count("Lengths", 26, 1, "5 requests, but 6 by length"),
                    reference_count("UnknownWords", 46, 3, "5 by length, 4 by unknown words"),
                    reference_count("Unanswered", 1, 6, "and 6 unanswered"),
                    rebuilt(
                        "Required", [](auto& s) { s.back().flags = 1; }, "section reference: flags are 1",
                        ErrorCode::kCorrupt, valid_file_with_reference)),
    case_name);

TEST(ReferenceRules, ReferenceCountsComeBackAsTheyWere) {
  const AlignedBytes file(valid_file_with_reference());
  const Result<format::ModelView> view = format::read_model(file.span());
  ASSERT_TRUE(view) << view.error().message;
  EXPECT_EQ(format::counts_of(view->reference), small_reference());
  const AlignedBytes without(valid_file());
  EXPECT_TRUE(format::read_model(without.span())->reference.empty());
}

}  // namespace
}  // namespace noggin::test
