// Ids are the rows of a trained table: a folder gives those that transformers gives, or is refused by the name of the
// file that decides otherwise.
#include <gmock/gmock.h>

#include <ctime>
#include <filesystem>
#include <functional>

#include "data/pretrained/pretrained_folder.h"
#include "tests/support/data_pretrained_folder.h"

namespace noggin::data {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class PretrainedIdsTest : public testing::Test {
 protected:
  PretrainedFolder good() const {
    const Result<PretrainedFolder> folder = read_pretrained_folder(path_);
    EXPECT_TRUE(folder) << (folder ? "" : folder.error().message);
    return folder ? *folder : PretrainedFolder{};
  }
  std::string refusal(ErrorCode code) const {
    const Result<PretrainedFolder> folder = read_pretrained_folder(path_);
    if (folder) return "accepted";
    EXPECT_EQ(folder.error().code, code) << folder.error().message;
    return folder.error().message;
  }
  // vocab.txt with lines inserted, and a word table with as many rows as lines.
  void vocabulary(const std::vector<std::string>& lines, std::size_t rows) const {
    std::string text;
    for (const std::string& line : lines) text += line + "\n";
    folder_.write("bert/vocab.txt", text);
    json config = test::bert_config();
    config["vocab_size"] = rows;
    folder_.write("bert/config.json", config.dump());
  }
  static std::vector<std::string> pieces_with(std::size_t at, const std::string& line) {
    std::vector<std::string> pieces = test::bert_pieces();
    pieces.insert(pieces.begin() + static_cast<std::ptrdiff_t>(at), line);
    return pieces;
  }

  const test::TemporaryFolder folder_;
  const std::string path_ = test::write_bert_description(folder_);
};

// Without that on the fixture's "caf\u00E9", which lower-casing makes unreachable.
std::vector<std::string> notes_on_ids(const PretrainedFolder& folder) {
  std::vector<std::string> notes = folder.notes;
  std::erase_if(notes, [](const std::string& note) { return note.find("because the tokenizer") != std::string::npos; });
  return notes;
}

std::ptrdiff_t id_of(const PretrainedFolder& folder, const std::string& piece) {
  const auto& pieces = folder.tokenizer.vocabulary;
  return std::find(pieces.begin(), pieces.end(), piece) - pieces.begin();
}

TEST_F(PretrainedIdsTest, OfADoubledPieceTheLastLineCounts) {
  vocabulary(pieces_with(12, "parcel"), 31);
  const PretrainedFolder folder = good();
  EXPECT_EQ(folder.tokenizer.vocabulary.size(), 31U);
  EXPECT_EQ(id_of(folder, "parcel"), 25) << "its last line";
  EXPECT_EQ(id_of(folder, "r"), 13) << "later pieces keep their lines";
  EXPECT_EQ(folder.tokenizer.vocabulary[12], "[unused_id_12]");
  const std::vector<std::string> notes = notes_on_ids(folder);
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_THAT(notes[0], AllOf(HasSubstr("vocab.txt"), HasSubstr("1 (line 13): \"parcel\""),
                              HasSubstr("fetch the folder again"), Not(HasSubstr("remove"))));
}

TEST_F(PretrainedIdsTest, AnEmptyLineKeepsItsId) {
  vocabulary(pieces_with(12, ""), 31);
  const PretrainedFolder folder = good();
  EXPECT_EQ(id_of(folder, "p"), 11);
  EXPECT_EQ(id_of(folder, "r"), 13);
  const std::vector<std::string> notes = notes_on_ids(folder);
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_THAT(notes[0], AllOf(HasSubstr("empty lines: 1 (line 13)"), HasSubstr("fetch the folder again")));
  vocabulary(pieces_with(30, ""), 30);  // the last line: nothing comes after it
  EXPECT_EQ(good().tokenizer.vocabulary, test::bert_pieces());
}

TEST_F(PretrainedIdsTest, ANameForAnUnusedIdIsNeverAPieceOfTheFile) {
  std::vector<std::string> pieces = pieces_with(12, "");
  pieces.emplace_back("[unused_id_12]");
  vocabulary(pieces, 32);
  const PretrainedFolder folder = good();
  EXPECT_EQ(folder.tokenizer.vocabulary[12], "[unused_id_12]_");
  EXPECT_EQ(id_of(folder, "[unused_id_12]"), 31);
}

TEST_F(PretrainedIdsTest, CountsThatDifferAreTold) {
  vocabulary(test::bert_pieces(), 33);
  EXPECT_THAT(notes_on_ids(good()),
              ElementsAre(AllOf(HasSubstr("30 pieces"), HasSubstr("33 rows"), HasSubstr("last 3"))));
  vocabulary(test::bert_pieces(), 30);
  EXPECT_THAT(notes_on_ids(good()), IsEmpty());
  vocabulary(pieces_with(12, "parcel"), 30);  // a line too many for the table
  EXPECT_THAT(refusal(ErrorCode::kBadData),
              AllOf(HasSubstr("has 31 pieces, config.json says 30"), HasSubstr("fetch the folder again")));
}

TEST_F(PretrainedIdsTest, NoAdviceShiftsIds) {
  std::vector<std::string> pieces = test::bert_pieces();
  pieces.erase(pieces.begin() + 3);  // [CLS]
  vocabulary(pieces, 30);
  EXPECT_THAT(refusal(ErrorCode::kBadData), AllOf(HasSubstr("[CLS] is missing"), HasSubstr("fetch the folder again"),
                                                  Not(HasSubstr("Add it")), Not(HasSubstr("emove"))));
  for (const std::string& line : {std::string("\xFF"), std::string("a\0b", 3), std::string(300, 'x')}) {
    vocabulary(pieces_with(12, line), 31);
    EXPECT_THAT(refusal(ErrorCode::kBadData), AllOf(HasSubstr("fetch the folder again"), Not(HasSubstr("emove"))));
  }
  vocabulary(pieces_with(12, "two\rlines"), 31);
  EXPECT_THAT(refusal(ErrorCode::kBadData), AllOf(HasSubstr("vocab.txt:13"), HasSubstr("fetch the folder again")));
}

TEST_F(PretrainedIdsTest, IdsOfTokenizerJsonMayHaveGaps) {
  json tokenizer = test::bert_tokenizer_json();
  tokenizer["model"]["vocab"]["the"] = 30;  // 22 before
  folder_.write("bert/tokenizer.json", tokenizer.dump());
  std::filesystem::remove(path_ + "/vocab.txt");
  vocabulary(test::bert_pieces(), 31);
  std::filesystem::remove(path_ + "/vocab.txt");
  const PretrainedFolder folder = good();
  EXPECT_EQ(id_of(folder, "the"), 30);
  EXPECT_EQ(id_of(folder, "my"), 23);
  EXPECT_THAT(notes_on_ids(folder), ElementsAre(HasSubstr("1 of 31 ids in \"model.vocab\" have no piece")));
}

TEST_F(PretrainedIdsTest, AVocabTxtThatIsNotTokenizerJsonsIsTold) {
  folder_.write("bert/tokenizer.json", test::bert_tokenizer_json().dump());
  vocabulary(test::bert_pieces(), 30);
  EXPECT_THAT(notes_on_ids(good()), IsEmpty());
  vocabulary(pieces_with(12, "other"), 30);
  EXPECT_THAT(notes_on_ids(good()), ElementsAre(HasSubstr("vocab.txt has other pieces or ids than tokenizer.json")));
}

// Every file that can name a token which is cut out of the text.
TEST_F(PretrainedIdsTest, AddedTokensAreRefusedByNameAndFile) {
  const json url = {{"content", "<url>"}, {"special", true}};
  const std::vector<std::pair<const char*, json>> files = {
      {"added_tokens.json", {{"<url>", 30}}},
      {"special_tokens_map.json", {{"additional_special_tokens", {"[CLS]", "<url>"}}}},
      {"special_tokens_map.json", {{"additional_special_tokens", {url}}}},
      {"special_tokens_map.json", {{"bos_token", "<url>"}}},
      {"tokenizer_config.json", {{"additional_special_tokens", {"<url>"}}}},
      {"tokenizer_config.json", {{"extra_special_tokens", {{"url_token", "<url>"}}}}},
      {"tokenizer_config.json", {{"added_tokens_decoder", {{"30", url}}}}}};
  for (const auto& [name, content] : files) {
    folder_.write(std::string("bert/") + name, content.dump());
    EXPECT_THAT(refusal(ErrorCode::kUnsupported), AllOf(HasSubstr(name), HasSubstr("\"<url>\""))) << content;
    std::filesystem::remove(path_ + "/" + name);
  }
  for (const bool special : {true, false}) {
    json tokenizer = test::bert_tokenizer_json();
    tokenizer["added_tokens"].push_back({{"content", "<url>"}, {"id", 30}, {"special", special}});
    folder_.write("bert/tokenizer.json", tokenizer.dump());
    EXPECT_THAT(refusal(ErrorCode::kUnsupported), AllOf(HasSubstr("tokenizer.json"), HasSubstr("\"<url>\"")));
  }
}

TEST_F(PretrainedIdsTest, BertsOwnTokensNeedTheirNamesAndIds) {
  folder_.write("bert/added_tokens.json", R"({"[MASK]": 5})");
  folder_.write("bert/special_tokens_map.json",
                R"({"cls_token": "[CLS]", "mask_token": {"content": "[MASK]"}, "additional_special_tokens": []})");
  folder_.write(
      "bert/tokenizer_config.json",
      R"({"added_tokens_decoder": {"0": {"content": "[PAD]"}, "3": {"content": "[CLS]"}}, "never_split": []})");
  good();
  folder_.write("bert/added_tokens.json", R"({"[MASK]": 7})");
  EXPECT_THAT(refusal(ErrorCode::kBadData),
              AllOf(HasSubstr("added_tokens.json"), HasSubstr("[MASK] with the id 7, but the vocabulary says 5")));
  folder_.write("bert/added_tokens.json", "{}");
  for (const char* role : {"cls_token", "sep_token", "unk_token", "pad_token", "mask_token"}) {
    folder_.write("bert/special_tokens_map.json", json{{role, "<x>"}}.dump());
    EXPECT_THAT(refusal(ErrorCode::kUnsupported),
                AllOf(HasSubstr("special_tokens_map.json"), HasSubstr(role), HasSubstr("<x>")));
  }
  folder_.write("bert/special_tokens_map.json", "{}");
  folder_.write("bert/tokenizer_config.json", R"({"added_tokens_decoder": {"4": {"content": "[CLS]"}}})");
  EXPECT_THAT(refusal(ErrorCode::kBadData), HasSubstr("[CLS] with the id 4, but the vocabulary says 3"));
  for (const char* nonsense : {R"({"x": {"content": "[CLS]"}})", R"({"3": {"content": 4}})", R"({"3": null})"}) {
    folder_.write("bert/tokenizer_config.json", std::string("{\"added_tokens_decoder\": ") + nonsense + "}");
    EXPECT_THAT(refusal(ErrorCode::kBadData), HasSubstr("tokenizer_config.json")) << nonsense;
  }
}

TEST_F(PretrainedIdsTest, OtherSwitchesAreRefusedByName) {
  const std::vector<std::pair<const char*, json>> switches = {
      {"never_split", {"parcel"}}, {"wordpieces_prefix", "@@"}, {"clean_text", false}};
  for (const auto& [key, value] : switches) {
    folder_.write("bert/tokenizer_config.json", json{{key, value}}.dump());
    EXPECT_THAT(refusal(ErrorCode::kUnsupported), HasSubstr(key));
  }
  folder_.write("bert/tokenizer_config.json", R"({"do_lower_case": false})");
  folder_.write("bert/sentence_bert_config.json", R"({"max_seq_length": 64, "do_lower_case": true})");
  EXPECT_THAT(refusal(ErrorCode::kUnsupported), HasSubstr("sentence_bert_config.json"));
  folder_.write("bert/tokenizer_config.json", "{}");
  good();
  json config = test::bert_config();
  config["tokenizer_class"] = "BertJapaneseTokenizer";
  folder_.write("bert/config.json", config.dump());
  EXPECT_THAT(refusal(ErrorCode::kUnsupported), AllOf(HasSubstr("/config.json"), HasSubstr("BertJapaneseTokenizer")));
}

TEST_F(PretrainedIdsTest, PiecesThatFoldingHidesAreTold) {
  std::vector<std::string> pieces = test::bert_pieces();
  pieces.insert(pieces.end(), {"Parcel", "##S", "##!", "re-fund"});  // the last two are out of reach for everyone
  pieces.erase(pieces.begin() + 29);                                 // "caf\u00E9"
  vocabulary(pieces, pieces.size());
  EXPECT_THAT(good().notes,
              ElementsAre(AllOf(HasSubstr("no text reaches 2 of 33 pieces (6.06 %)"), HasSubstr("folds case"),
                                HasSubstr("\"Parcel\", \"##S\""), HasSubstr("do_lower_case"))));
  folder_.write("bert/tokenizer_config.json", R"({"do_lower_case": false})");
  EXPECT_THAT(good().notes, IsEmpty());
  folder_.write("bert/tokenizer_config.json", R"({"do_lower_case": false, "strip_accents": true})");
  pieces.emplace_back("caf\u00E9");
  vocabulary(pieces, pieces.size());
  EXPECT_THAT(good().notes, ElementsAre(AllOf(HasSubstr("reaches 1 of 34"), HasSubstr("strips accents"))));
}

TEST_F(PretrainedIdsTest, SaysHowSentencesWerePooled) {
  using Kind = PretrainedPooling::Kind;
  EXPECT_EQ(good().pooling.kind, Kind::kUnknown);
  const std::vector<std::pair<json, Kind>> modes = {
      {{{"pooling_mode_cls_token", true}, {"pooling_mode_mean_tokens", false}}, Kind::kFirstToken},
      {{{"pooling_mode_mean_tokens", true}}, Kind::kMean},
      {{{"pooling_mode_max_tokens", true}}, Kind::kOther},
      {{{"pooling_mode_cls_token", true}, {"pooling_mode_mean_tokens", true}}, Kind::kOther},
      {{{"pooling_mode", "cls"}}, Kind::kFirstToken}};
  for (const auto& [content, kind] : modes) {
    folder_.write("bert/1_Pooling/config.json", content.dump());
    EXPECT_EQ(good().pooling.kind, kind) << content;
    EXPECT_THAT(good().pooling.file, HasSubstr("1_Pooling/config.json"));
  }
  folder_.write("bert/2_Pool/config.json", R"({"pooling_mode_mean_tokens": true})");
  folder_.write("bert/modules.json", R"([{"type": "sentence_transformers.models.Pooling", "path": "2_Pool"}])");
  EXPECT_EQ(good().pooling.kind, Kind::kMean);
}

TEST_F(PretrainedIdsTest, DeepJsonIsRefusedInEveryFile) {
  std::string deep(1'000'000, '[');
  deep.insert(0, "{\"x\": ");
  folder_.write("bert/1_Pooling/config.json", "{}");
  for (const char* name : {"config.json", "tokenizer.json", "tokenizer_config.json", "added_tokens.json",
                           "special_tokens_map.json", "1_Pooling/config.json"}) {
    std::string closed = deep;
    closed.append(1'000'000, ']');
    closed += "}";
    test::write_bert_description(folder_);
    folder_.write(std::string("bert/") + name, closed);
    EXPECT_THAT(refusal(ErrorCode::kBadData), AllOf(HasSubstr(name), HasSubstr("at most 64 levels")));
    std::filesystem::remove(path_ + "/" + name);
  }
}

TEST_F(PretrainedIdsTest, AMillionPiecesTakeNoTime) {
  std::vector<std::string> pieces = {"[PAD]", "[UNK]", "[CLS]", "[SEP]"};
  for (int i = 0; i < 1'000'000; ++i) pieces.push_back("p" + std::to_string(i));
  vocabulary(pieces, pieces.size());
  json config = test::bert_config();
  config["vocab_size"] = 1U << 20;
  folder_.write("bert/config.json", config.dump());
  const std::clock_t start = std::clock();  // of this process alone
  EXPECT_EQ(good().tokenizer.vocabulary.size(), 1'000'004U);
  EXPECT_LT(std::clock() - start, 10 * CLOCKS_PER_SEC);  // 2 or 3; minutes when each search began at the front
}

}  // namespace
}  // namespace noggin::data
