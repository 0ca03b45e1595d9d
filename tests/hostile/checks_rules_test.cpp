// Rules of the checks section: one hostile file each, hashes right.
#include "tests/support/format_hostile_case.h"

namespace noggin::test {
namespace {

using format::SectionKind;
using spec::Check;
using spec::CheckKind;

class ChecksRules : public testing::TestWithParam<HostileCase> {};
TEST_P(ChecksRules, IsRefused) { expect_refused(GetParam()); }

// Number of checks, then kind and type of each: email, card.
HostileCase checks(std::string name, std::function<void(Bytes&)> edit, std::string expected,
                   ErrorCode code = ErrorCode::kCorrupt) {
  return rewritten(std::move(name), SectionKind::kChecks, std::move(edit), std::move(expected), code,
                   valid_file_with_checks);
}

INSTANTIATE_TEST_SUITE_P(
    Checks, ChecksRules,
    testing::Values(
        checks(
            "Empty", [](Bytes& b) { b.clear(); }, "checks: 0 bytes do not fit 0 checks (at least 1)"),
        checks(
            "None", [](Bytes& b) { b.assign(4, std::byte{0}); }, "checks: 4 bytes do not fit 0 checks"),
        checks(
            "Cut", [](Bytes& b) { b.resize(b.size() - 1); }, "checks: 19 bytes do not fit 2 checks"),
        checks(
            "BytesAfter", [](Bytes& b) { b.resize(b.size() + 8); }, "checks: 28 bytes do not fit 2 checks"),
        checks(
            "Many", [](Bytes& b) { store_u32(&b[0], 0xFFFFFFFF); }, "20 bytes do not fit 4294967295 checks"),
        checks(
            "UnknownKind", [](Bytes& b) { store_u32(&b[4], 7); },
            "checks: kind 7 is unknown to this version; use a newer runtime", ErrorCode::kUnsupported),
        checks(
            "NoKind", [](Bytes& b) { store_u32(&b[4], 0); }, "checks: kind 0 is unknown", ErrorCode::kUnsupported),
        checks(
            "Twice", [](Bytes& b) { store_u32(&b[12], 3); }, "checks: \"email\" occurs twice"),
        checks(
            "NoSuchType", [](Bytes& b) { store_u32(&b[16], 1); }, "checks: type 1 of \"card\", there are 1 types"),
        rebuilt(
            "Optional", [](auto& s) { s.back().flags = 0; }, "section checks: flags are 0", ErrorCode::kCorrupt,
            valid_file_with_checks),
        HostileCase{"OlderLayout",
                    [] {
                      Bytes file = valid_file_with_checks();
                      store_u32(&file[format::kLayoutVersionOffset], 4);
                      repair_hashes(file);
                      return file;
                    },
                    "section checks: needs layout version 5, the header says 4"}),
    case_name);

TEST(ChecksRules, ChecksComeBackAsTheyWere) {
  const AlignedBytes file(valid_file_with_checks());
  const Result<format::ModelView> view = format::read_model(file.span());
  ASSERT_TRUE(view) << view.error().message;
  const std::span<const Check> checks = view->decision.checks;
  EXPECT_EQ(std::vector<Check>(checks.begin(), checks.end()),
            (std::vector<Check>{{CheckKind::kEmail, 0}, {CheckKind::kCard, 0}}));
  const AlignedBytes without(valid_tagger_file());
  EXPECT_TRUE(format::read_model(without.span())->decision.checks.empty());
}

TEST(ChecksRules, OtherTasksHaveNone) {
  format::FrozenModel model = random_frozen_model(small_config(), 3);
  model.task.checks = {{CheckKind::kEmail, 0}};
  const Result<Bytes> file = format::serialize(model, Bytes(77, std::byte{0x5A}));
  ASSERT_FALSE(file);
  EXPECT_NE(file.error().message.find("checks: are for tag, the task is single_label"), std::string::npos)
      << file.error().message;
}

}  // namespace
}  // namespace noggin::test
