// Rules of the config, task, golden and provenance sections: one hostile file each, hashes right.
#include <bit>
#include <cmath>
#include <limits>

#include "tests/support/format_hostile_case.h"

namespace noggin::test {
namespace {

using format::SectionKind;

class SectionRules : public testing::TestWithParam<HostileCase> {};
TEST_P(SectionRules, IsRefused) { expect_refused(GetParam()); }

HostileCase config_field(std::string name, std::size_t field, std::uint32_t value, std::string expected,
                         ErrorCode code = ErrorCode::kCorrupt) {
  return rewritten(
      std::move(name), SectionKind::kConfig, [=](Bytes& bytes) { store_u32(&bytes[field * 4], value); },
      std::move(expected), code);
}

INSTANTIATE_TEST_SUITE_P(
    Config, SectionRules,
    testing::Values(
        rewritten(
            "Short", SectionKind::kConfig, [](Bytes& b) { b.resize(35); }, "config: has 35 bytes"),
        rewritten(
            "LayerCut", SectionKind::kConfig, [](Bytes& b) { b.resize(b.size() - 4); }, "do not fit 2 layers"),
        rewritten(
            "LayerExtra", SectionKind::kConfig, [](Bytes& b) { b.resize(b.size() + 8); }, "do not fit 2 layers"),
        config_field("TooManyLayers", 8, spec::kMaxLayers + 1, "do not fit 129 layers"),
        config_field("LayersHuge", 8, 0x20000002U, "do not fit"),
        rewritten(
            "NoLayers", SectionKind::kConfig,
            [](Bytes& b) {
              store_u32(&b[32], 0);
              b.resize(36);
            },
            "a model without layers needs layout version 4, the file has 1"),
        config_field("Family", 0, 3, "student family 3", ErrorCode::kUnsupported),
        config_field("PoolingZero", 1, 0, "pooling is 0"), config_field("Pooling", 1, 4, "pooling is 4"),
        config_field("VocabularyZero", 2, 0, "vocabulary_size is 0"),
        config_field("VocabularyLarge", 2, spec::kMaxVocabulary + 1, "vocabulary_size is 1048577"),
        config_field("MaxTokensSmall", 3, 2, "max_tokens is 2"),
        config_field("MaxTokensLarge", 3, spec::kMaxTokens + 1, "max_tokens is 4097"),
        config_field("WidthZero", 4, 0, "width is 0"),
        config_field("WidthLarge", 4, spec::kMaxWidth + 1, "width is 8193"),
        config_field("HeadWidthZero", 5, 0, "head_width is 0"),
        config_field("HeadWidthLarge", 5, spec::kMaxHeadWidth + 1, "head_width is 257"),
        config_field("NoClass", 6, 0, "classes is 0"),
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

HostileCase narrow_field(std::string name, std::size_t field, std::uint32_t value, std::string expected) {
  return rewritten(
      std::move(name), SectionKind::kConfig, [=](Bytes& bytes) { store_u32(&bytes[field * 4], value); },
      std::move(expected), ErrorCode::kCorrupt, valid_narrow_file);
}

INSTANTIATE_TEST_SUITE_P(
    NarrowConfig, SectionRules,
    testing::Values(rewritten(
                        "Short", SectionKind::kConfig, [](Bytes& b) { b.resize(39); }, "config: has 39 bytes",
                        ErrorCode::kCorrupt, valid_narrow_file),
                    narrow_field("AsWideAsTheModel", 8, 20, "embedding_width is 20, must be 0 to 19"),
                    narrow_field("AnotherWidth", 8, 17, "tensors: has"), narrow_field("NoWidth", 8, 0, "tensors: has"),
                    narrow_field("Layers", 9, 3, "do not fit 3 layers")),
    case_name);

HostileCase int4_field(std::string name, std::size_t field, std::uint32_t value, std::string expected) {
  return rewritten(
      std::move(name), SectionKind::kConfig, [=](Bytes& bytes) { store_u32(&bytes[field * 4], value); },
      std::move(expected), ErrorCode::kCorrupt, valid_int4_file);
}

INSTANTIATE_TEST_SUITE_P(
    Int4Config, SectionRules,
    testing::Values(rewritten(
                        "Short", SectionKind::kConfig, [](Bytes& b) { b.resize(43); }, "config: has 43 bytes",
                        ErrorCode::kCorrupt, valid_int4_file),
                    int4_field("UnknownType", 9, 2, "word_type is 2, must be 0 (int8) or 1 (int4)"),
                    int4_field("AnotherType", 9, 0, "tensors: has"), int4_field("AnotherWidth", 8, 16, "tensors: has")),
    case_name);

// Ten fields, the number of layers, then six of each layer: heads, ffn_width and four groups.
HostileCase group_field(std::string name, std::size_t field, std::uint32_t value, std::string expected) {
  return rewritten(
      std::move(name), SectionKind::kConfig, [=](Bytes& bytes) { store_u32(&bytes[(11 + field) * 4], value); },
      std::move(expected), ErrorCode::kCorrupt, valid_int4_layers_file);
}

INSTANTIATE_TEST_SUITE_P(
    Int4LayersConfig, SectionRules,
    testing::Values(group_field("UnknownGroup", 2, 16, "layers.0.qkv_group is 16, must be 0 (int8), 32, 64 or 128"),
                    group_field("LargeGroup", 2, 256, "layers.0.qkv_group is 256"),
                    group_field("UndividedWidth", 2, 128, "qkv_group is 128, which does not divide the layer's 64"),
                    group_field("UndividedHeads", 3, 32, "attention_output_group is 32, which does not divide"),
                    group_field("UndividedNeurons", 5, 64,
                                "ffn_down_group is 64, which does not divide the layer's 96"),
                    group_field("OtherGroup", 4, 64, "tensors: has"), group_field("NoGroup", 4, 0, "tensors: has"),
                    group_field("TooManyInputs", 1, 32768, "int4 weights are for at most 16384 inputs")),
    case_name);

// Task: count, none_class, then per label its size and bytes. "label_0" starts at 12.
constexpr std::size_t kFirstLabel = 12;

INSTANTIATE_TEST_SUITE_P(
    Task, SectionRules,
    testing::Values(
        rewritten(
            "Short", SectionKind::kTask, [](Bytes& b) { b.resize(7); }, "task: is too short"),
        rewritten(
            "OtherCount", SectionKind::kTask, [](Bytes& b) { store_u32(&b[0], 4); }, "4 labels for 3 classes"),
        rewritten(
            "NoLabels", SectionKind::kTask, [](Bytes& b) { b.resize(8); }, "ends before the last label"),
        rewritten(
            "LabelCut", SectionKind::kTask, [](Bytes& b) { b.pop_back(); }, "ends before the last label"),
        rewritten(
            "LabelSizeHuge", SectionKind::kTask, [](Bytes& b) { store_u32(&b[8], ~0U); }, "ends before the last label"),
        rewritten(
            "BytesAfter", SectionKind::kTask, [](Bytes& b) { b.push_back({}); }, "bytes follow the last label"),
        rewritten(
            "EmptyLabel", SectionKind::kTask,
            [](Bytes& b) {
              store_u32(&b[8], 0);
              b.erase(b.begin() + kFirstLabel, b.begin() + kFirstLabel + 7);
            },
            "task label 0: label has 0 bytes"),
        rewritten(
            "LongLabel", SectionKind::kTask,
            [](Bytes& b) {
              store_u32(&b[8], 1025);
              b.insert(b.begin() + kFirstLabel, 1025 - 7, std::byte{'a'});
            },
            "label has 1025 bytes"),
        rewritten(
            "NotUtf8", SectionKind::kTask, [](Bytes& b) { b[kFirstLabel] = std::byte{0xFF}; }, "not valid UTF-8"),
        rewritten(
            "ControlCharacter", SectionKind::kTask, [](Bytes& b) { b[kFirstLabel] = std::byte{'\n'}; },
            "control character"),
        rewritten(
            "SameLabelTwice", SectionKind::kTask, [](Bytes& b) { b[kFirstLabel + 6] = std::byte{'2'}; },
            "have the same label 'label_2'"),
        rewritten(
            "NoneClassBelow", SectionKind::kTask, [](Bytes& b) { store_u32(&b[4], static_cast<std::uint32_t>(-2)); },
            "none_class is -2"),
        rewritten(
            "NoneClassAbove", SectionKind::kTask, [](Bytes& b) { store_u32(&b[4], 3); }, "none_class is 3")),
    case_name);

// Decision: kind, temperature, abstain_below, count, thresholds.
constexpr std::uint32_t kSingle = 1, kMulti = 2, kTag = 3, kScore = 4, kEdit = 5;
struct DecisionBytes {
  std::uint32_t kind = kSingle;
  float temperature = 1.0F, abstain_below = 0.0F;
  std::vector<float> thresholds = {};
  std::uint32_t extra_count = 0;
};

void write_decision(const DecisionBytes& decision, Bytes& bytes) {
  bytes.assign(16 + 4 * decision.thresholds.size(), {});
  store_u32(&bytes[0], decision.kind);
  store_f32(&bytes[4], decision.temperature);
  store_f32(&bytes[8], decision.abstain_below);
  store_u32(&bytes[12], static_cast<std::uint32_t>(decision.thresholds.size()) + decision.extra_count);
  for (std::size_t i = 0; i < decision.thresholds.size(); ++i) store_f32(&bytes[16 + 4 * i], decision.thresholds[i]);
}

// The plain classifier of three classes, with a decision section and no none_class.
Bytes valid_decision_file() {
  format::FrozenModel model = random_frozen_model(small_config(), 3);
  model.task.none_class = -1;
  model.task.temperature = 2.0F;
  return *format::serialize(model, Bytes(77, std::byte{0x5A}));
}

HostileCase decision(std::string name, DecisionBytes decision, std::string expected,
                     ErrorCode code = ErrorCode::kCorrupt, Bytes (*valid)() = valid_decision_file) {
  return rewritten(
      std::move(name), SectionKind::kDecision, [=](Bytes& bytes) { write_decision(decision, bytes); },
      std::move(expected), code, valid);
}

const float kNan = std::nanf("");

INSTANTIATE_TEST_SUITE_P(
    Decision, SectionRules,
    testing::Values(
        rewritten(
            "Short", SectionKind::kDecision, [](Bytes& b) { b.resize(15); }, "decision: has 15 bytes",
            ErrorCode::kCorrupt, valid_decision_file),
        rewritten(
            "BytesAfter", SectionKind::kDecision, [](Bytes& b) { b.push_back({}); }, "17 bytes do not fit 0",
            ErrorCode::kCorrupt, valid_decision_file),
        decision("CountTooLarge", {kMulti, 1, 0, {0.5F, 0.5F}, 1}, "24 bytes do not fit 3 thresholds"),
        decision("CountHuge", {kMulti, 1, 0, {0.5F, 0.5F}, ~0U - 8}, "do not fit"),
        decision("KindZero", {0}, "task kind 0 is unknown", ErrorCode::kUnsupported),
        decision("KindUnknown", {6}, "task kind 6 is unknown", ErrorCode::kUnsupported),
        decision("Cold", {kSingle, 0.049F}, "temperature is 0.0489999987, must be 0.05 to 20"),
        decision("Hot", {kSingle, 20.5F}, "temperature is 20.5"),
        decision("TemperatureNan", {kSingle, kNan}, "temperature is"),
        decision("AbstainNegative", {kSingle, 1, -0.1F}, "abstain_below is -0.1"),
        decision("AbstainAboveOne", {kSingle, 1, 1.25F}, "abstain_below is 1.25"),
        decision("AbstainNan", {kSingle, 1, kNan}, "abstain_below is"),
        decision("AbstainOfMultiLabel", {kMulti, 1, 0.5F},
                 "abstain_below is for single_label, the task is multi_label"),
        decision("ThresholdsOfSingleLabel", {kSingle, 1, 0, {0, 0, 0}},
                 "thresholds are for multi_label and score, the task is single_label"),
        decision("TooFewThresholds", {kMulti, 1, 0, {0, 0}}, "2 thresholds for 3 classes"),
        decision("ThresholdNegative", {kMulti, 1, 0, {0, -0.5F, 0}}, "threshold 1 is -0.5"),
        decision("ThresholdAboveOne", {kMulti, 1, 0, {0, 0, 1.5F}}, "threshold 2 is 1.5"),
        decision("ThresholdNan", {kMulti, 1, 0, {kNan, 0, 0}}, "threshold 0 is"),
        decision("ScoreOfThreeClasses", {kScore}, "a score task has 1 class, there are 3"),
        decision("TagWithoutEveryToken", {kTag}, "pooling is 1 for a tag task"),
        decision("EditWithoutEveryToken", {kEdit}, "pooling is 1 for a edit task"),
        decision("EveryTokenOfSingleLabel", {kSingle}, "pooling is 3 for a single_label task", ErrorCode::kCorrupt,
                 valid_tagger_file),
        decision("EditWithTagLabels", {kEdit}, "the labels of an edit task must be", ErrorCode::kCorrupt,
                 valid_tagger_file),
        rebuilt(
            "TagWithoutBegin",
            [](auto& sections) { content_of(sections, SectionKind::kTask)[8 + 4 + 1 + 4] = std::byte{'X'}; },
            "task: label \"X-type_0\" is not \"O\"", ErrorCode::kCorrupt, valid_tagger_file),
        rebuilt(
            "NoneClassOfATagger", [](auto& sections) { store_u32(&content_of(sections, SectionKind::kTask)[4], 1); },
            "none_class is 1, a tag task has none", ErrorCode::kCorrupt, valid_tagger_file),
        rebuilt(
            "NoneClassOfMultiLabel",
            [](auto& sections) {
              store_u32(&content_of(sections, SectionKind::kTask)[4], 2);
              write_decision({kMulti}, content_of(sections, SectionKind::kDecision));
            },
            "none_class is 2, a multi_label task has none", ErrorCode::kCorrupt, valid_decision_file),
        rebuilt(
            "SingleLabelOfOneClass",
            [](auto& sections) { write_decision({kSingle}, content_of(sections, SectionKind::kDecision)); },
            "a single_label task needs at least 2 classes", ErrorCode::kCorrupt,
            [] {
              spec::ModelConfig config = small_config();
              config.classes = 1;
              return *format::serialize(random_frozen_model(config, 3), Bytes(77, std::byte{0x5A}));
            })),
    case_name);

INSTANTIATE_TEST_SUITE_P(GoldenOfATagger, SectionRules,
                         testing::Values(rewritten(
                             "LogitsOfOneTokenOnly", SectionKind::kGolden,
                             [](Bytes& bytes) {
                               bytes.assign(4 + 8 + 2 * 4 + 3 * 4, {});  // two ids, logits [1, 3]
                               for (const auto& [place, value] : {std::pair{0, 1U}, {8, 2U}})
                                 store_u32(&bytes[place], value);
                             },
                             "golden vector 0: reaches past the end", ErrorCode::kCorrupt, valid_tagger_file)),
                         case_name);

// A golden section with one vector: ids {5}, logits {1, 2, 3}, text "hey" and one byte of padding.
constexpr std::size_t kIds = 12, kLogits = 16, kText = 28;
HostileCase golden(std::string name, std::function<void(Bytes&)> edit, std::string expected) {
  return rewritten(
      std::move(name), SectionKind::kGolden,
      [=](Bytes& bytes) {
        bytes.assign(32, {});
        const std::uint32_t words[] = {1,
                                       3,
                                       1,
                                       5,
                                       std::bit_cast<std::uint32_t>(1.0F),
                                       std::bit_cast<std::uint32_t>(2.0F),
                                       std::bit_cast<std::uint32_t>(3.0F)};
        for (std::size_t i = 0; i < 7; ++i) store_u32(&bytes[4 * i], words[i]);
        for (std::size_t i = 0; i < 3; ++i) bytes[kText + i] = static_cast<std::byte>("hey"[i]);
        edit(bytes);
      },
      std::move(expected));
}

HostileCase golden_logit(std::string name, float value) {
  return golden(std::move(name), [=](Bytes& b) { store_f32(&b[kLogits + 4], value); }, "a logit is not finite");
}

INSTANTIATE_TEST_SUITE_P(
    Golden, SectionRules,
    testing::Values(
        golden(
            "Short", [](Bytes& b) { b.resize(3); }, "golden: is too short"),
        golden(
            "TooMany", [](Bytes& b) { store_u32(&b[0], 513); }, "513 vectors, the limit is 512"),
        golden(
            "OneMoreThanThere", [](Bytes& b) { store_u32(&b[0], 2); }, "golden vector 1: reaches past the end"),
        golden(
            "BytesAfter", [](Bytes& b) { b.resize(36); }, "bytes follow the last vector"),
        golden(
            "Cut", [](Bytes& b) { b.resize(31); }, "golden vector 0: reaches past the end"),
        golden(
            "TokensHuge", [](Bytes& b) { store_u32(&b[8], ~0U); }, "reaches past the end"),
        golden(
            "TextHuge", [](Bytes& b) { store_u32(&b[4], ~0U); }, "reaches past the end"),
        golden(
            "NoTokens",
            [](Bytes& b) {
              store_u32(&b[8], 0);
              b.erase(b.begin() + kIds, b.begin() + kIds + 4);
            },
            "0 token ids, must be 1 to 9"),
        golden(
            "TooManyTokens",
            [](Bytes& b) {
              store_u32(&b[8], 10);
              b.insert(b.begin() + kIds, 36, std::byte{0});
            },
            "10 token ids, must be 1 to 9"),
        golden(
            "UnknownId", [](Bytes& b) { store_u32(&b[kIds], 37); }, "token id 37 is outside the vocabulary of 37"),
        golden_logit("LogitNan", std::nanf("")), golden_logit("LogitInfinite", std::numeric_limits<float>::infinity()),
        golden(
            "TextPadding", [](Bytes& b) { b[31] = std::byte{1}; }, "padding after its text is not zero"),
        golden(
            "LongText",
            [](Bytes& b) {
              store_u32(&b[4], 65540);
              b.resize(kText + 65540);
            },
            "text has 65540 bytes")),
    case_name);

// Golden hashes: one vector with ids {5}, hash 7, text "hey" and one byte of padding. What both sections share is
// tested above.
HostileCase golden_hashes(std::string name, std::function<void(Bytes&)> edit, std::string expected) {
  return rebuilt(
      std::move(name),
      [=](std::vector<EditedSection>& sections) {
        Bytes& bytes = add_golden_hashes(sections, Bytes(28));
        const std::uint32_t words[] = {1, 3, 1, 5, 7};
        for (std::size_t i = 0; i < std::size(words); ++i) store_u32(&bytes[4 * i], words[i]);
        for (std::size_t i = 0; i < 3; ++i) bytes[24 + i] = static_cast<std::byte>("hey"[i]);
        edit(bytes);
      },
      std::move(expected));
}

INSTANTIATE_TEST_SUITE_P(
    GoldenHashes, SectionRules,
    testing::Values(
        golden_hashes(
            "Short", [](Bytes& b) { b.resize(3); }, "golden hashes: is too short"),
        golden_hashes(
            // Three vectors with logits are there already.
            "TooMany", [](Bytes& b) { store_u32(&b[0], 510); }, "golden hashes: 510 vectors, the limit is 509"),
        golden_hashes(
            "OneMoreThanThere", [](Bytes& b) { store_u32(&b[0], 2); }, "golden hash 1: reaches past the end"),
        golden_hashes(
            "Cut", [](Bytes& b) { b.resize(19); }, "golden hash 0: reaches past the end"),
        golden_hashes(
            "BytesAfter", [](Bytes& b) { b.resize(32); }, "golden hashes: bytes follow the last vector"),
        golden_hashes(
            "UnknownId", [](Bytes& b) { store_u32(&b[12], 37); },
            "golden hash 0: token id 37 is outside the vocabulary of 37"),
        rebuilt(
            "Required",
            [](auto& s) {
              add_golden_hashes(s);
              s.back().flags = 1;
            },
            "section golden hashes: flags are 1"),
        rebuilt(
            "Twice",
            [](auto& s) {
              add_golden_hashes(s);
              add_golden_hashes(s);
            },
            "kind 8 follows kind 8")),
    case_name);

TEST(SectionRules, GoldenHashesMayBeInAnyFileAndEmpty) {
  for (const Bytes& valid : {valid_file(), valid_tagger_file(), valid_narrow_file()}) {
    std::vector<EditedSection> sections = take_apart(valid);
    add_golden_hashes(sections);
    const AlignedBytes file(put_together(valid, sections));
    const Result<format::ModelView> view = format::read_model(file.span());
    ASSERT_TRUE(view) << view.error().message;
    EXPECT_EQ(view->golden.size(), 3U);
  }
}

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
