#include "data/vocabulary/vocabulary.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <fstream>

#include "tests/support/cli_temporary_folder.h"
#include "tokenizer/wordpiece.h"

namespace noggin::data {
namespace {

using runtime::TokenizerContents;

TokenizerContents train(const std::vector<std::string>& texts, VocabularyOptions options = {}) {
  VocabularyTrainer trainer(options);
  for (const std::string& text : texts) trainer.add(text);
  return *trainer.train();
}

bool has(const TokenizerContents& contents, const std::string& piece) {
  return std::find(contents.vocabulary.begin(), contents.vocabulary.end(), piece) != contents.vocabulary.end();
}

std::string encode(const TokenizerContents& contents, std::string_view text) {
  const std::vector<std::byte> section = *runtime::serialize_tokenizer(contents);
  const runtime::WordPieceTokenizer tokenizer = *runtime::WordPieceTokenizer::bind(section);
  std::vector<std::uint32_t> ids(64);
  ids.resize(tokenizer.encode(text, ids));
  std::string pieces;
  for (const std::uint32_t id : ids) pieces.append(pieces.empty() ? "" : " ").append(tokenizer.piece(id));
  return pieces;
}

// A file that goes away with its test.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& content)
      : path_(testing::TempDir() + "vocabulary_" + testing::UnitTest::GetInstance()->current_test_info()->name() +
              ".txt") {
    std::ofstream(path_, std::ios::binary) << content;
  }
  ~TemporaryFile() { std::remove(path_.c_str()); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

TEST(VocabularyTrainer, SpecialPiecesComeFirst) {
  const TokenizerContents contents = train({"a b a b"});
  const std::vector<std::string> expected{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b"};
  EXPECT_EQ(contents.vocabulary, expected);
  EXPECT_EQ(contents.pad_id, 0U);
  EXPECT_EQ(contents.unknown_id, 1U);
  EXPECT_EQ(contents.cls_id, 2U);
  EXPECT_EQ(contents.sep_id, 3U);
}

TEST(VocabularyTrainer, FrequentWordsBecomeOnePiece) {
  const TokenizerContents contents = train({"Where is the parcel?", "the parcel is late", "PARCEL, where?"});
  EXPECT_EQ(encode(contents, "where is the Parcel?"), "[CLS] where is the parcel ? [SEP]");
  EXPECT_FALSE(has(contents, "late"));  // seen once
}

TEST(VocabularyTrainer, SwitchesReachTheContents) {
  VocabularyOptions options;
  options.lowercase = false;
  options.strip_accents = false;
  options.max_word_characters = 7;
  const TokenizerContents contents = train({"\u00C9t\u00E9 \u00C9t\u00E9 longerthanseven longerthanseven"}, options);
  EXPECT_TRUE(has(contents, "\u00C9t\u00E9"));
  EXPECT_FALSE(has(contents, "l"));
  EXPECT_EQ(encode(contents, "\u00C9t\u00E9 longerthanseven"), "[CLS] \u00C9t\u00E9 [UNK] [SEP]");
}

TEST(VocabularyTrainer, OrderOfTextsDoesNotMatter) {
  std::vector<std::string> texts{"one two three", "two three four", "three four five", "four five six", "six one two"};
  const TokenizerContents forwards = train(texts);
  std::reverse(texts.begin(), texts.end());
  EXPECT_EQ(train(texts).vocabulary, forwards.vocabulary);
}

TEST(VocabularyTrainer, StopsAtTheSizeAskedFor) {
  VocabularyOptions options;
  options.size = 14;
  EXPECT_EQ(train({"hello hello world world"}, options).vocabulary.size(), 14U);
}

TEST(VocabularyTrainer, ForgetsRareWordsAboveTheLimit) {
  const auto trained = [](std::size_t max_distinct_words) {
    VocabularyOptions options;
    options.max_distinct_words = max_distinct_words;
    options.min_frequency = 2;
    VocabularyTrainer trainer(options);
    trainer.add("zebra");
    for (int i = 0; i < 5000; ++i) trainer.add("often " + std::to_string(i) + "7 again");
    trainer.add("zebra");
    return *trainer.train();
  };
  const TokenizerContents limited = trained(100), unlimited = trained(1'000'000);
  EXPECT_TRUE(has(limited, "often"));
  EXPECT_TRUE(has(limited, "again"));
  EXPECT_TRUE(has(unlimited, "zebra"));
  EXPECT_FALSE(has(limited, "zebra")) << "its first occurrence was forgotten";
}

TEST(VocabularyTrainer, RefusesOptionsOutOfRange) {
  const auto message = [](auto change) {
    VocabularyOptions options;
    change(options);
    VocabularyTrainer trainer(options);
    trainer.add("some some words words");
    const auto contents = trainer.train();
    return contents ? std::string("accepted") : contents.error().message;
  };
  EXPECT_EQ(message([](auto&) {}), "accepted");
  EXPECT_NE(message([](auto& options) { options.size = 5; }).find("size is 5"), std::string::npos);
  EXPECT_NE(message([](auto& options) { options.max_word_characters = 0; }).find("must be 1..256"), std::string::npos);
  EXPECT_NE(message([](auto& options) { options.max_word_characters = 1000; }).find("1..256"), std::string::npos);
  EXPECT_NE(message([](auto& options) { options.min_frequency = 9; }).find("min_frequency"), std::string::npos);
}

TEST(VocabularyTrainer, AnEmptyCorpusIsBadData) {
  const auto contents = VocabularyTrainer(VocabularyOptions{}).train();
  ASSERT_FALSE(contents);
  EXPECT_EQ(contents.error().code, ErrorCode::kBadData);
}

TEST(ReadVocabulary, FindsSpecialPiecesByName) {
  const TemporaryFile file("hello\r\n[CLS]\r\n##s\r\n[SEP]\r\n[UNK]\r\n[PAD]\r\n");
  const auto contents = read_vocabulary(file.path(), {});
  ASSERT_TRUE(contents) << contents.error().message;
  EXPECT_EQ(contents->vocabulary.size(), 6U);
  EXPECT_EQ(contents->cls_id, 1U);
  EXPECT_EQ(contents->sep_id, 3U);
  EXPECT_EQ(contents->unknown_id, 4U);
  EXPECT_EQ(contents->pad_id, 5U);
  EXPECT_EQ(encode(*contents, "Hellos!"), "[CLS] hello ##s [UNK] [SEP]");
}

TEST(ReadVocabulary, AByteOrderMarkIsNoPartOfTheFirstPiece) {
  const test::TemporaryFolder folder;
  const auto contents = read_vocabulary(
      folder.write("vocab.txt", "\xEF\xBB\xBF[PAD]\r\n[UNK]\r\n[CLS]\r\n[SEP]\r\na\r\n"), VocabularyOptions{});
  ASSERT_TRUE(contents) << contents.error().message;
  EXPECT_EQ(contents->vocabulary[0], "[PAD]");
  EXPECT_EQ(contents->pad_id, 0U);
}

TEST(ReadVocabulary, NamesFileAndLine) {
  const auto message = [](const std::string& content) {
    const TemporaryFile file(content);
    const auto contents = read_vocabulary(file.path(), {});
    return contents ? std::string("accepted") : contents.error().message;
  };
  const std::string specials = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n";
  EXPECT_EQ(message(specials), "accepted");
  EXPECT_EQ(message(specials + "last"), "accepted");  // no newline at the end
  EXPECT_NE(message("[PAD]\n[UNK]\n[CLS]\n").find("[SEP] is missing"), std::string::npos);
  EXPECT_NE(message(specials + "\nx\n").find(".txt:5: an empty line"), std::string::npos);
  EXPECT_NE(message(specials + "x\nx\n").find(".txt:6: the piece \"x\" is already in line 5"), std::string::npos);
  EXPECT_NE(message(specials + "\xFF\n").find("piece 4 is not UTF-8"), std::string::npos);
}

TEST(ReadVocabulary, AMissingFileIsNotFound) {
  const auto contents = read_vocabulary(testing::TempDir() + "no_such_vocab.txt", {});
  ASSERT_FALSE(contents);
  EXPECT_EQ(contents.error().code, ErrorCode::kNotFound);
}

TEST(VocabularyHash, DependsOnEverythingThatMakesIds) {
  const TokenizerContents original = train({"ab ab bc bc"});
  const std::uint64_t hash = vocabulary_hash(original);
  EXPECT_EQ(vocabulary_hash(train({"bc ab bc ab"})), hash);
  const auto differs = [&](auto change) {
    TokenizerContents contents = original;
    change(contents);
    return vocabulary_hash(contents) != hash;
  };
  EXPECT_TRUE(differs([](auto& c) { c.vocabulary.push_back("x"); }));
  EXPECT_TRUE(differs([](auto& c) { std::swap(c.vocabulary[5], c.vocabulary[6]); }));
  EXPECT_TRUE(differs([](auto& c) { c.lowercase = false; }));
  EXPECT_TRUE(differs([](auto& c) { c.strip_accents = false; }));
  EXPECT_TRUE(differs([](auto& c) { c.max_word_characters = 99; }));
  EXPECT_TRUE(differs([](auto& c) { c.sep_id = 4; }));
  EXPECT_TRUE(differs([](auto& c) { c.unicode_tables.push_back({}); }));
}

}  // namespace
}  // namespace noggin::data
