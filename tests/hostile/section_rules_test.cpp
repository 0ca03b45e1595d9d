// Rules of the config, task, golden and provenance sections: one hostile file each, hashes right.
#include <bit>
#include <cmath>
#include <limits>

#include "tests/support/format_hostile_case.h"

namespace noggin::test {
namespace {

using format::SectionKind;
using format::store_u32;

class SectionRules : public testing::TestWithParam<HostileCase> {};
TEST_P(SectionRules, IsRefused) { expect_refused(GetParam()); }

HostileCase config_field(std::string name, std::size_t field, std::uint32_t value, std::string expected,
                         ErrorCode code = ErrorCode::kCorrupt) {
  return rewritten(std::move(name), SectionKind::kConfig, [=](Bytes& bytes) { store_u32(&bytes[field * 4], value); },
                   std::move(expected), code);
}

INSTANTIATE_TEST_SUITE_P(
    Config, SectionRules,
    testing::Values(
        rewritten("Short", SectionKind::kConfig, [](Bytes& b) { b.resize(35); }, "config: has 35 bytes"),
        rewritten("LayerCut", SectionKind::kConfig, [](Bytes& b) { b.resize(b.size() - 4); }, "do not fit 2 layers"),
        rewritten("LayerExtra", SectionKind::kConfig, [](Bytes& b) { b.resize(b.size() + 8); }, "do not fit 2 layers"),
        config_field("TooManyLayers", 8, spec::kMaxLayers + 1, "do not fit 129 layers"),
        config_field("LayersHuge", 8, 0x20000002U, "do not fit"),
        rewritten("NoLayers", SectionKind::kConfig, [](Bytes& b) { store_u32(&b[32], 0); b.resize(36); },
                  "layers is 0"),
        config_field("Family", 0, 2, "student family 2", ErrorCode::kUnsupported),
        config_field("Pooling", 1, 3, "pooling is 3"), config_field("VocabularyZero", 2, 0, "vocabulary_size is 0"),
        config_field("VocabularyLarge", 2, spec::kMaxVocabulary + 1, "vocabulary_size is 1048577"),
        config_field("MaxTokensSmall", 3, 2, "max_tokens is 2"),
        config_field("MaxTokensLarge", 3, spec::kMaxTokens + 1, "max_tokens is 4097"),
        config_field("WidthZero", 4, 0, "width is 0"), config_field("WidthLarge", 4, spec::kMaxWidth + 1, "width is 8193"),
        config_field("HeadWidthZero", 5, 0, "head_width is 0"),
        config_field("HeadWidthLarge", 5, spec::kMaxHeadWidth + 1, "head_width is 257"),
        config_field("OneClass", 6, 1, "classes is 1"),
        config_field("ClassesLarge", 6, spec::kMaxClasses + 1, "classes is 65537"),
        config_field("EpsilonZero", 7, 0, "layer_norm_epsilon"),
        config_field("EpsilonOne", 7, 0x3F800000U, "layer_norm_epsilon"),
        config_field("EpsilonNegative", 7, 0xB5800000U, "layer_norm_epsilon"),
        config_field("EpsilonNan", 7, 0x7FC00000U, "layer_norm_epsilon"),
        config_field("HeadsZero", 9, 0, "layers.0.heads is 0"),
        config_field("HeadsLarge", 9, spec::kMaxHeads + 1, "layers.0.heads is 129"),
        config_field("FfnZero", 12, 0, "layers.1.ffn_width is 0"),
        config_field("FfnLarge", 12, spec::kMaxFfnWidth + 1, "layers.1.ffn_width is 32769"),
        // Sizes that a config may name but that this file does not hold.
        config_field("WiderThanTheFile", 4, spec::kMaxWidth, "the config needs"),
        config_field("LargestVocabulary", 2, spec::kMaxVocabulary, "the config needs")),
    case_name);

// Task: count, none_class, then per label its size and bytes. "label_0" starts at 12.
constexpr std::size_t kFirstLabel = 12;

INSTANTIATE_TEST_SUITE_P(
    Task, SectionRules,
    testing::Values(
        rewritten("Short", SectionKind::kTask, [](Bytes& b) { b.resize(7); }, "task: is too short"),
        rewritten("OtherCount", SectionKind::kTask, [](Bytes& b) { store_u32(&b[0], 4); }, "4 labels for 3 classes"),
        rewritten("NoLabels", SectionKind::kTask, [](Bytes& b) { b.resize(8); }, "ends before the last label"),
        rewritten("LabelCut", SectionKind::kTask, [](Bytes& b) { b.pop_back(); }, "ends before the last label"),
        rewritten("LabelSizeHuge", SectionKind::kTask, [](Bytes& b) { store_u32(&b[8], ~0U); },
                  "ends before the last label"),
        rewritten("BytesAfter", SectionKind::kTask, [](Bytes& b) { b.push_back({}); }, "bytes follow the last label"),
        rewritten("EmptyLabel", SectionKind::kTask, [](Bytes& b) {
          store_u32(&b[8], 0);
          b.erase(b.begin() + kFirstLabel, b.begin() + kFirstLabel + 7);
        }, "task label 0: label has 0 bytes"),
        rewritten("LongLabel", SectionKind::kTask, [](Bytes& b) {
          store_u32(&b[8], 1025);
          b.insert(b.begin() + kFirstLabel, 1025 - 7, std::byte{'a'});
        }, "label has 1025 bytes"),
        rewritten("NotUtf8", SectionKind::kTask, [](Bytes& b) { b[kFirstLabel] = std::byte{0xFF}; }, "not valid UTF-8"),
        rewritten("ControlCharacter", SectionKind::kTask, [](Bytes& b) { b[kFirstLabel] = std::byte{'\n'}; },
                  "control character"),
        rewritten("SameLabelTwice", SectionKind::kTask, [](Bytes& b) { b[kFirstLabel + 6] = std::byte{'2'}; },
                  "have the same label 'label_2'"),
        rewritten("NoneClassBelow", SectionKind::kTask, [](Bytes& b) { store_u32(&b[4], static_cast<std::uint32_t>(-2)); },
                  "none_class is -2"),
        rewritten("NoneClassAbove", SectionKind::kTask, [](Bytes& b) { store_u32(&b[4], 3); }, "none_class is 3")),
    case_name);

// A golden section with one vector: ids {5}, logits {1, 2, 3}, text "hey" and one byte of padding.
constexpr std::size_t kIds = 12, kLogits = 16, kText = 28;
HostileCase golden(std::string name, std::function<void(Bytes&)> edit, std::string expected) {
  return rewritten(
      std::move(name), SectionKind::kGolden,
      [=](Bytes& bytes) {
        bytes.assign(32, {});
        const std::uint32_t words[] = {1, 3, 1, 5, std::bit_cast<std::uint32_t>(1.0F), std::bit_cast<std::uint32_t>(2.0F),
                                       std::bit_cast<std::uint32_t>(3.0F)};
        for (std::size_t i = 0; i < 7; ++i) store_u32(&bytes[4 * i], words[i]);
        for (std::size_t i = 0; i < 3; ++i) bytes[kText + i] = static_cast<std::byte>("hey"[i]);
        edit(bytes);
      },
      std::move(expected));
}

HostileCase golden_logit(std::string name, float value) {
  return golden(std::move(name), [=](Bytes& b) { format::store_f32(&b[kLogits + 4], value); }, "a logit is not finite");
}

INSTANTIATE_TEST_SUITE_P(
    Golden, SectionRules,
    testing::Values(
        golden("Short", [](Bytes& b) { b.resize(3); }, "golden: is too short"),
        golden("TooMany", [](Bytes& b) { store_u32(&b[0], 513); }, "513 vectors, the limit is 512"),
        golden("OneMoreThanThere", [](Bytes& b) { store_u32(&b[0], 2); }, "golden vector 1: reaches past the end"),
        golden("BytesAfter", [](Bytes& b) { b.resize(36); }, "bytes follow the last vector"),
        golden("Cut", [](Bytes& b) { b.resize(31); }, "golden vector 0: reaches past the end"),
        golden("TokensHuge", [](Bytes& b) { store_u32(&b[8], ~0U); }, "reaches past the end"),
        golden("TextHuge", [](Bytes& b) { store_u32(&b[4], ~0U); }, "reaches past the end"),
        golden("NoTokens", [](Bytes& b) { store_u32(&b[8], 0); b.erase(b.begin() + kIds, b.begin() + kIds + 4); },
               "0 token ids, must be 1 to 9"),
        golden("TooManyTokens", [](Bytes& b) { store_u32(&b[8], 10); b.insert(b.begin() + kIds, 36, std::byte{0}); },
               "10 token ids, must be 1 to 9"),
        golden("UnknownId", [](Bytes& b) { store_u32(&b[kIds], 37); }, "token id 37 is outside the vocabulary of 37"),
        golden_logit("LogitNan", std::nanf("")), golden_logit("LogitInfinite", std::numeric_limits<float>::infinity()),
        golden("TextPadding", [](Bytes& b) { b[31] = std::byte{1}; }, "padding after its text is not zero"),
        golden("LongText", [](Bytes& b) {
          store_u32(&b[4], 65540);
          b.resize(kText + 65540);
        }, "text has 65540 bytes")),
    case_name);

HostileCase provenance(std::string name, std::string text, std::string expected) {
  return rewritten(
      std::move(name), SectionKind::kProvenance,
      [=](Bytes& bytes) {
        bytes.clear();
        for (const char c : text) bytes.push_back(static_cast<std::byte>(c));
      },
      std::move(expected));
}

INSTANTIATE_TEST_SUITE_P(
    Provenance, SectionRules,
    testing::Values(provenance("Empty", "", "not a JSON object"), provenance("Array", "[1]", "not a JSON object"),
                    provenance("Cut", "{\"a\":1", "not a JSON object"),
                    provenance("NotUtf8", "{\"a\":\"\xC0\x80\"}", "not valid UTF-8"),
                    provenance("Long", std::string(1U << 20U, '{') + "}}", "1048578 bytes, the limit is 1048576")),
    case_name);

}  // namespace
}  // namespace noggin::test
