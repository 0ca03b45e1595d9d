// Sessions of taggers: spans, masked and edited texts.
#include <gmock/gmock.h>

#include "engine/span_text.h"
#include "engine/tag_text.h"
#include "format/reader.h"
#include "tests/support/engine_model.h"

namespace noggin {
namespace {

using ::testing::HasSubstr;

spec::ModelConfig tag_config(std::uint32_t classes = 5) {
  spec::ModelConfig config = test::engine_config();
  config.pooling = spec::Pooling::kEveryToken;
  config.classes = classes;
  return config;
}

format::FrozenModel edit_model(std::uint64_t seed) {
  format::FrozenModel frozen = test::random_frozen_model(tag_config(2), seed, 0);
  frozen.task = {{"keep", "delete"}, -1, TaskKind::kEdit};
  frozen.tokenizer = tests::tiny_tokenizer(frozen.config.vocabulary_size);
  return frozen;
}

// Much longer than a window, with words of many pieces.
const std::vector<std::string>& tag_texts() {
  static const std::vector<std::string> texts = [] {
    std::vector<std::string> made = test::sample_texts();
    std::string longest;
    for (int i = 0; i < 60; ++i) longest += i % 7 == 6 ? "unbelievablelongword, " : i % 3 == 0 ? "where is " : "7 ";
    made.push_back(longest);
    return made;
  }();
  return texts;
}

std::vector<TaggedSpan> tagged(Session& session, const std::string& text) {
  std::vector<TaggedSpan> spans(text.size());
  const Result<std::size_t> count = session.tag(text, spans);
  EXPECT_TRUE(count) << (count ? "" : count.error().message);
  spans.resize(*count);
  return spans;
}

TEST(SessionTags, AreWhatTagTextMakesOfTheLogitsOnEveryKernelSet) {
  for (const bool edits : {false, true}) {
    format::FrozenModel frozen = edits ? edit_model(3) : test::frozen_model_with_golden(tag_config(), 3);
    frozen.task.temperature = 1.5F;
    frozen.golden.clear();
    const test::OpenModel open = test::open_model(frozen);
    Session reference = *Session::create(open.model, "reference");
    const runtime::TagRules rules = {open.model.tokenizer(), open.model.view().tags, 1.5F, open.model.max_tokens()};
    std::size_t spans = 0;
    for (const std::string& text : tag_texts()) {
      const std::vector<TaggedSpan> expected =
          runtime::tag_text(rules, text, [&](std::span<const std::uint32_t> ids) { return *reference.logits(ids); });
      spans += expected.size();
      for (const std::string& name : test::executable_kernel_sets()) {
        Session session = *Session::create(open.model, SessionOptions{name, name == "reference" ? 2U : 1U});
        EXPECT_EQ(tagged(session, text), expected) << name;
      }
    }
    EXPECT_GT(spans, 5U);
  }
}

TEST(SessionTags, MaskAndEditUseThem) {
  const test::OpenModel tags = test::open_model(test::frozen_model_with_golden(tag_config(), 4));
  const test::OpenModel edits = test::open_model(edit_model(4));
  Session tagger = *Session::create(tags.model), editor = *Session::create(edits.model);
  for (const std::string& text : tag_texts()) {
    EXPECT_EQ(*tagger.mask(text), runtime::masked_text(text, tagged(tagger, text), tags.model.span_types()));
    EXPECT_EQ(*editor.edit(text), runtime::edited_text(text, tagged(editor, text)));
    std::string buffer(2 * text.size() + 99, '#');
    EXPECT_EQ(buffer.substr(0, *tagger.mask(text, buffer)), *tagger.mask(text));
    EXPECT_EQ(buffer.substr(0, *editor.edit(text, buffer)), *editor.edit(text));
    EXPECT_EQ(*tagger.mask(text, std::span<char>()), tagger.mask(text)->size());
  }
}

TEST(SessionTags, WriteNoMoreThanThereIsRoomFor) {
  const test::OpenModel open = test::open_model(test::frozen_model_with_golden(tag_config(), 5));
  Session session = *Session::create(open.model);
  const std::vector<TaggedSpan> all = tagged(session, tag_texts().back());
  ASSERT_GT(all.size(), 3U);
  std::vector<TaggedSpan> buffer(3, TaggedSpan{{7, 7}, 7, 7.0F});
  EXPECT_EQ(*session.tag(tag_texts().back(), std::span(buffer).first(2)), all.size());
  EXPECT_EQ(buffer, (std::vector<TaggedSpan>{all[0], all[1], {{7, 7}, 7, 7.0F}}));
}

TEST(SessionTags, OtherTasksAreRefusedByName) {
  const test::OpenModel classifier = test::open_model(test::frozen_model_with_golden(test::engine_config(), 6));
  const test::OpenModel tags = test::open_model(test::frozen_model_with_golden(tag_config(), 6));
  const test::OpenModel edits = test::open_model(edit_model(6));
  Session of_classifier = *Session::create(classifier.model), of_tags = *Session::create(tags.model),
          of_edits = *Session::create(edits.model);
  const auto expect_refusal = [](const auto& result, const char* call, const char* task) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(result.error().message, AllOf(HasSubstr(call), HasSubstr(task)));
  };
  expect_refusal(of_classifier.tag("a", {}), "tag", "single_label");
  expect_refusal(of_classifier.mask("a"), "mask", "single_label");
  expect_refusal(of_classifier.edit("a"), "edit", "single_label");
  expect_refusal(of_tags.edit("a"), "edit", "tag");
  expect_refusal(of_tags.edit("a", std::span<char>()), "edit", "tag");
  expect_refusal(of_edits.mask("a"), "mask", "edit");
  expect_refusal(of_edits.mask("a", std::span<char>()), "mask", "edit");
}

}  // namespace
}  // namespace noggin
