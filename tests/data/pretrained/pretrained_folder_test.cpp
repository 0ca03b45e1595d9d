// What of a Hugging Face folder a student can take over, and how everything else is refused: by name, with the file.
#include "data/pretrained/pretrained_folder.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <functional>

#include "tests/support/data_pretrained_folder.h"

namespace noggin::data {
namespace {

using nlohmann::json;
using test::bert_config;
using test::bert_tokenizer_json;
using test::distilbert_config;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

class PretrainedFolderTest : public testing::Test {
 protected:
  Result<PretrainedFolder> read() const { return read_pretrained_folder(path_); }
  PretrainedFolder good() const {
    const Result<PretrainedFolder> folder = read();
    EXPECT_TRUE(folder) << (folder ? "" : folder.error().message);
    return folder ? *folder : PretrainedFolder{};
  }
  void expect_error(ErrorCode code, const std::string& file, const std::string& what) const {
    const Result<PretrainedFolder> folder = read();
    ASSERT_FALSE(folder) << "should be refused: " << what;
    EXPECT_EQ(folder.error().code, code) << folder.error().message;
    EXPECT_THAT(folder.error().message, AllOf(HasSubstr(path_ + file), HasSubstr(what)));
  }
  // The folder with one change to a good file.
  void config_with(const std::function<void(json&)>& change, json config = bert_config()) const {
    change(config);
    folder_.write("bert/config.json", config.dump());
  }
  void tokenizer_with(const std::function<void(json&)>& change) const {
    json tokenizer = bert_tokenizer_json();
    change(tokenizer);
    folder_.write("bert/tokenizer.json", tokenizer.dump());
  }

  const test::TemporaryFolder folder_;
  const std::string path_ = test::write_bert_description(folder_);
};

TEST_F(PretrainedFolderTest, ReadsBert) {
  const PretrainedFolder folder = good();
  EXPECT_EQ(folder.family, PretrainedFamily::kBert);
  EXPECT_EQ(folder.layers, 2U);
  EXPECT_EQ(folder.width, 8U);
  EXPECT_EQ(folder.heads, 2U);
  EXPECT_EQ(folder.ffn_width, 12U);
  EXPECT_EQ(folder.positions, 10U);
  EXPECT_EQ(folder.segments, 2U);
  EXPECT_EQ(folder.layer_norm_epsilon, 1e-5);
  EXPECT_EQ(folder.vocabulary_size, 32U);
  EXPECT_EQ(folder.tokenizer.vocabulary, test::bert_pieces());
  EXPECT_EQ(folder.tokenizer.cls_id, 3U);
  EXPECT_EQ(folder.tokenizer.unknown_id, 2U);
  EXPECT_TRUE(folder.tokenizer.lowercase);
  EXPECT_TRUE(folder.tokenizer.strip_accents);
  EXPECT_EQ(folder.tokenizer.max_word_characters, 100U);
  EXPECT_THAT(folder.files.description, ElementsAre(path_ + "/config.json", path_ + "/vocab.txt"));
  EXPECT_THAT(folder.files.weights, ElementsAre(path_ + "/model.safetensors"));
}

TEST_F(PretrainedFolderTest, ReadsDistilBert) {
  folder_.write("bert/config.json", distilbert_config().dump());
  const PretrainedFolder folder = good();
  EXPECT_EQ(folder.family, PretrainedFamily::kDistilBert);
  EXPECT_EQ(folder.layers, 2U);
  EXPECT_EQ(folder.width, 8U);
  EXPECT_EQ(folder.heads, 2U);
  EXPECT_EQ(folder.ffn_width, 12U);
  EXPECT_EQ(folder.segments, 0U);
  EXPECT_EQ(folder.layer_norm_epsilon, 1e-12);  // the family has no other
}

TEST_F(PretrainedFolderTest, WhatOldConfigsDoNotSayIsTheUsual) {
  config_with([](json& config) {
    config.erase("hidden_act");
    config.erase("layer_norm_eps");
    config["position_embedding_type"] = nullptr;
  });
  EXPECT_EQ(good().layer_norm_epsilon, 1e-12);
}

TEST_F(PretrainedFolderTest, RefusesWhatAStudentDoesNotHaveByName) {
  const std::vector<std::pair<const char*, json>> others = {
      {"hidden_act", "gelu_new"},     {"hidden_act", "gelu_pytorch_tanh"},
      {"hidden_act", "relu"},         {"position_embedding_type", "relative_key"},
      {"is_decoder", true},           {"add_cross_attention", true},
      {"pruned_heads", {{"0", {1}}}}, {"quantization_config", {{"bits", 4}}},
      {"model_type", "roberta"}};
  for (const auto& [key, value] : others) {
    config_with([&, key = key, value = value](json& config) { config[key] = value; });
    expect_error(ErrorCode::kUnsupported, "/config.json", std::string("\"") + key + "\" is " + value.dump());
  }
  config_with([](json& config) { config["activation"] = "relu"; }, distilbert_config());
  expect_error(ErrorCode::kUnsupported, "/config.json", "\"activation\" is \"relu\", supported is \"gelu\"");
  config_with([](json& config) { config.erase("model_type"); });
  expect_error(ErrorCode::kUnsupported, "/config.json", "\"model_type\" is missing");
  config_with([](json& config) { config["hidden_size"] = 1024; });  // heads of 512
  expect_error(ErrorCode::kUnsupported, "/config.json", "heads are 512 wide");
}

TEST_F(PretrainedFolderTest, RefusesNumbersThatCannotBe) {
  for (const char* key : {"hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size",
                          "type_vocab_size", "vocab_size", "max_position_embeddings"}) {
    for (const json& value :
         {json(0), json(-4), json(2.5), json("8"), json(1ULL << 40), json(nullptr), json(json::array())}) {
      config_with([&](json& config) { config[key] = value; });
      expect_error(ErrorCode::kBadData, "/config.json", std::string("\"") + key + "\" is");
    }
  }
  for (const json& value : {json(0), json(-1e-5), json(1), json("1e-5"), json(true)}) {
    config_with([&](json& config) { config["layer_norm_eps"] = value; });
    expect_error(ErrorCode::kBadData, "/config.json", "\"layer_norm_eps\" is " + value.dump());
  }
  config_with([](json& config) { config["num_attention_heads"] = 3; });
  expect_error(ErrorCode::kBadData, "/config.json", "width 8 is not a multiple of 3 heads");
  config_with([](json& config) { config["model_type"] = 7; });
  expect_error(ErrorCode::kBadData, "/config.json", "\"model_type\" is 7, must be a string");
  config_with([](json& config) { config["vocab_size"] = 20; });
  expect_error(ErrorCode::kBadData, "", "the tokenizer has 30 pieces, config.json says 20");
}

TEST_F(PretrainedFolderTest, RefusesFilesThatAreNotJson) {
  for (const char* text : {"", "[]", "{\"model_type\": \"bert\"", "\xFF\xFE"}) {
    folder_.write("bert/config.json", text);
    expect_error(ErrorCode::kBadData, "/config.json", "is not a JSON object");
  }
  folder_.write("bert/config.json", bert_config().dump());
  folder_.write("bert/tokenizer.json", "{");
  expect_error(ErrorCode::kBadData, "/tokenizer.json", "is not a JSON object");
  std::filesystem::remove(path_ + "/tokenizer.json");
  folder_.write("bert/tokenizer_config.json", "{");
  expect_error(ErrorCode::kBadData, "/tokenizer_config.json", "is not a JSON object");
}

TEST_F(PretrainedFolderTest, NamesWhatIsMissing) {
  EXPECT_THAT(read_pretrained_folder(path_ + "s").error().message,
              HasSubstr("is not a folder. Fix: name one that holds config.json"));
  std::filesystem::remove(path_ + "/config.json");
  expect_error(ErrorCode::kNotFound, "/config.json", "cannot be opened");
  test::write_bert_description(folder_);
  std::filesystem::remove(path_ + "/vocab.txt");
  expect_error(ErrorCode::kNotFound, "", "neither tokenizer.json nor vocab.txt");
  test::write_bert_description(folder_);
  std::filesystem::remove(path_ + "/model.safetensors");
  expect_error(ErrorCode::kNotFound, "", "put the weights into the folder");
  folder_.write("bert/pytorch_model.bin", "pickle");
  expect_error(ErrorCode::kNotFound, "", "pytorch_model.bin is a pickle");
}

TEST_F(PretrainedFolderTest, ShardsAreTheFilesOfTheIndex) {
  std::filesystem::remove(path_ + "/model.safetensors");
  const auto index = [&](const json& map) {
    folder_.write("bert/model.safetensors.index.json", json{{"weight_map", map}}.dump());
  };
  folder_.write("bert/m-1.safetensors", "");
  folder_.write("bert/m-2.safetensors", "");
  index({{"a", "m-2.safetensors"}, {"b", "m-1.safetensors"}, {"c", "m-2.safetensors"}});
  EXPECT_THAT(good().files.weights, ElementsAre(path_ + "/m-1.safetensors", path_ + "/m-2.safetensors"));
  index({{"a", "m-3.safetensors"}});
  expect_error(ErrorCode::kNotFound, "/m-3.safetensors", "is missing; ");
  for (const json& elsewhere :
       {json("../m-1.safetensors"), json("/etc/passwd"), json(".."), json(""), json(3), json("m-1.bin"),
        json(std::string("m-1\0.safetensors", 16)), json("x/../m-1.safetensors")}) {
    index({{"a", elsewhere}});
    expect_error(ErrorCode::kCorrupt, "/model.safetensors.index.json", "which is not a .safetensors file next to it");
  }
  for (const json& map : {json(nullptr), json::array({"m-1.safetensors"}), json::object()}) {
    index(map);
    expect_error(ErrorCode::kCorrupt, "/model.safetensors.index.json", "\"weight_map\" is missing");
  }
  folder_.write("bert/model.safetensors", "");  // one file goes before shards
  EXPECT_THAT(good().files.weights, ElementsAre(path_ + "/model.safetensors"));
}

TEST_F(PretrainedFolderTest, TokenizerJsonGoesBeforeVocabTxt) {
  folder_.write("bert/vocab.txt", "nothing\n");
  tokenizer_with([](json&) {});
  const PretrainedFolder folder = good();
  EXPECT_EQ(folder.tokenizer.vocabulary, test::bert_pieces());
  EXPECT_EQ(folder.tokenizer.max_word_characters, 50U);
  EXPECT_TRUE(folder.tokenizer.strip_accents) << "null means as lowercase";
}

TEST_F(PretrainedFolderTest, CaseAndAccents) {
  struct Case {
    json lowercase, strip;
    bool wants_lowercase, wants_strip;
  };
  for (const Case& c : {Case{true, nullptr, true, true}, Case{true, false, true, false},
                        Case{false, nullptr, false, false}, Case{false, true, false, true}}) {
    std::filesystem::remove(path_ + "/tokenizer_config.json");
    tokenizer_with([&](json& tokenizer) {
      tokenizer["normalizer"]["lowercase"] = c.lowercase;
      tokenizer["normalizer"]["strip_accents"] = c.strip;
    });
    const PretrainedFolder by_json = good();
    EXPECT_EQ(by_json.tokenizer.lowercase, c.wants_lowercase);
    EXPECT_EQ(by_json.tokenizer.strip_accents, c.wants_strip);
    std::filesystem::remove(path_ + "/tokenizer.json");
    folder_.write("bert/tokenizer_config.json",
                  json{{"do_lower_case", c.lowercase}, {"strip_accents", c.strip}}.dump());
    const PretrainedFolder by_config = good();
    EXPECT_EQ(by_config.tokenizer.lowercase, c.wants_lowercase);
    EXPECT_EQ(by_config.tokenizer.strip_accents, c.wants_strip);
  }
}

TEST_F(PretrainedFolderTest, TokenizerJsonAndConfigMustAgree) {
  tokenizer_with([](json&) {});
  folder_.write("bert/tokenizer_config.json", "{\"do_lower_case\": false}");
  expect_error(ErrorCode::kBadData, "/tokenizer_config.json", "\"do_lower_case\" is false, tokenizer.json says true");
  folder_.write("bert/tokenizer_config.json", "{\"strip_accents\": false}");
  expect_error(ErrorCode::kBadData, "/tokenizer_config.json", "\"strip_accents\" is false, tokenizer.json says true");
  folder_.write("bert/tokenizer_config.json",
                "{\"do_lower_case\": true, \"strip_accents\": null, \"tokenizer_class\": \"Any\"}");
  good();
}

TEST_F(PretrainedFolderTest, RefusesOtherTokenizersByName) {
  const std::vector<std::pair<const char*, json>> others = {{"/model/type", "BPE"},
                                                            {"/model/continuing_subword_prefix", "@@"},
                                                            {"/model/unk_token", "<unk>"},
                                                            {"/normalizer/type", "Sequence"},
                                                            {"/normalizer/clean_text", false},
                                                            {"/normalizer/handle_chinese_chars", false},
                                                            {"/pre_tokenizer/type", "Whitespace"},
                                                            {"/post_processor/type", "RobertaProcessing"}};
  for (const auto& [where, value] : others) {
    tokenizer_with(
        [&, where = where, value = value](json& tokenizer) { tokenizer[json::json_pointer(where)] = value; });
    std::string name = std::string(where).substr(1);
    name.replace(name.find('/'), 1, ".");
    expect_error(ErrorCode::kUnsupported, "/tokenizer.json", "\"" + name + "\" is " + value.dump());
  }
  tokenizer_with([](json& tokenizer) { tokenizer["normalizer"] = nullptr; });
  expect_error(ErrorCode::kUnsupported, "/tokenizer.json", "\"normalizer.type\" is missing");
  tokenizer_with([](json& tokenizer) { tokenizer["post_processor"]["single"].erase(0); });
  expect_error(ErrorCode::kUnsupported, "/tokenizer.json", "\"post_processor.single\" is another template");
}

TEST_F(PretrainedFolderTest, RefusesVocabulariesThatAreNone) {
  const auto vocabulary_with = [&](const std::function<void(json&)>& change) {
    tokenizer_with([&](json& tokenizer) { change(tokenizer["model"]["vocab"]); });
  };
  for (const json& id : {json(1U << 30), json(-1), json(1.5), json("7"), json(nullptr)}) {
    vocabulary_with([&](json& pieces) { pieces["the"] = id; });
    expect_error(ErrorCode::kBadData, "/tokenizer.json", "gives \"the\" the id " + id.dump());
  }
  vocabulary_with([&](json& pieces) { pieces["the"] = 0; });
  expect_error(ErrorCode::kBadData, "/tokenizer.json", "gives the id 0 to ");
  for (const json& none : {json(nullptr), json::array({"a"}), json::object(), json(4)}) {
    vocabulary_with([&](json& pieces) { pieces = none; });
    expect_error(ErrorCode::kBadData, "/tokenizer.json", "\"model.vocab\" is missing");
  }
  vocabulary_with([](json& pieces) {
    pieces["x"] = pieces["[CLS]"];
    pieces.erase("[CLS]");
  });
  expect_error(ErrorCode::kBadData, "/tokenizer.json", "the special piece [CLS] is missing");
  tokenizer_with([](json& tokenizer) { tokenizer["model"]["max_input_chars_per_word"] = 300; });
  expect_error(ErrorCode::kBadData, "/tokenizer.json",
               "\"model.max_input_chars_per_word\" is 300, must be a whole number from 1 to 256");
}

TEST_F(PretrainedFolderTest, RefusesOtherTokenizersBesideVocabTxt) {
  const std::vector<std::pair<const char*, json>> others = {{"tokenize_chinese_chars", false},
                                                            {"do_basic_tokenize", false},
                                                            {"tokenizer_class", "BertJapaneseTokenizer"},
                                                            {"cls_token", "<s>"}};
  for (const auto& [key, value] : others) {
    folder_.write("bert/tokenizer_config.json", json{{key, value}}.dump());
    expect_error(ErrorCode::kUnsupported, "/tokenizer_config.json", std::string("\"") + key + "\" is " + value.dump());
  }
  folder_.write("bert/tokenizer_config.json", "{\"sep_token\": {\"content\": \"</s>\"}}");
  expect_error(ErrorCode::kUnsupported, "/tokenizer_config.json", "\"sep_token.content\" is \"</s>\"");
  folder_.write("bert/tokenizer_config.json", "{\"do_lower_case\": \"yes\"}");
  expect_error(ErrorCode::kBadData, "/tokenizer_config.json", "\"do_lower_case\" is \"yes\", must be true or false");
  folder_.write("bert/tokenizer_config.json",
                "{\"sep_token\": {\"content\": \"[SEP]\"}, \"tokenizer_class\": \"BertTokenizer\"}");
  good();
}

TEST_F(PretrainedFolderTest, LayersAndPositionsThatCanBeKept) {
  const PretrainedFolder folder = good();
  for (const std::vector<std::uint32_t>& kept : {std::vector<std::uint32_t>{0, 1}, {1}, {1, 0}})
    EXPECT_TRUE(check_kept(folder, kept, 10));
  const auto message = [&](const std::vector<std::uint32_t>& kept, std::uint32_t tokens) {
    const Status status = check_kept(folder, kept, tokens);
    return status ? std::string() : status.error().message;
  };
  EXPECT_THAT(message({0, 2}, 10), AllOf(HasSubstr("names layer 2; "), HasSubstr("layers 0 to 1")));
  EXPECT_THAT(message({1, 1}, 10), HasSubstr("names layer 1 twice"));
  EXPECT_THAT(message({0}, 11),
              AllOf(HasSubstr("tokenizer.max_tokens is 11"), HasSubstr("has 10 positions. Fix: set it to at most 10")));
}

}  // namespace
}  // namespace noggin::data
