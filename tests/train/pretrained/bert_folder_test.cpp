// A student takes every tensor from where its family keeps it, and gives it back bit for bit.
#include "train/pretrained/bert_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>

#include "data/vocabulary/vocabulary.h"
#include "export/freeze.h"
#include "tests/support/train_bert_weights.h"
#include "train/pretrained/safetensors.h"

namespace noggin::train {
namespace {

using nlohmann::json;
using test::bert_config;
using test::bert_weights;
using test::Weights;
using testing::AllOf;
using testing::HasSubstr;

spec::ModelConfig config_of(const data::PretrainedFolder& folder, std::size_t layers, std::uint32_t vocabulary,
                            std::uint32_t tokens) {
  spec::ModelConfig config;
  config.vocabulary_size = vocabulary;
  config.max_tokens = tokens;
  config.encoder.width = folder.width;
  config.encoder.head_width = folder.width / folder.heads;
  config.classes = 3;
  config.encoder.layer_norm_epsilon = static_cast<float>(folder.layer_norm_epsilon);
  config.encoder.layers.assign(layers, {folder.heads, folder.ffn_width});
  return config;
}

bool same_bits(const Tensor& a, const Tensor& b) {
  const Tensor x = a.contiguous(), y = b.contiguous();
  return x.sizes() == y.sizes() && std::memcmp(x.const_data_ptr(), y.const_data_ptr(), x.nbytes()) == 0;
}

class BertFolder : public testing::Test {
 protected:
  data::PretrainedFolder folder(const std::string& path) {
    const Result<data::PretrainedFolder> read = data::read_pretrained_folder(path);
    EXPECT_TRUE(read) << (read ? "" : read.error().message);
    return read ? *read : data::PretrainedFolder{};
  }
  Student loaded(const data::PretrainedFolder& from, const std::vector<std::uint32_t>& kept = {0, 1},
                 std::uint32_t tokens = 10) {
    Student student = make_student(
        config_of(from, kept.size(), static_cast<std::uint32_t>(from.tokenizer.vocabulary.size()), tokens), 0.1, 3);
    const Status status = load_pretrained(from, kept, from.tokenizer, student);
    EXPECT_TRUE(status) << (status ? "" : status.error().message);
    return student;
  }
  Error refused(const std::string& path) {
    const data::PretrainedFolder from = folder(path);
    Student student = make_student(config_of(from, 2, 30, 10), 0.1, 3);
    const Status status = load_pretrained(from, {0, 1}, from.tokenizer, student);
    EXPECT_FALSE(status);
    return status ? Error{ErrorCode::kIo, ""} : status.error();
  }
  // Weights in which every tensor was renamed.
  static Weights renamed(const Weights& weights, const std::function<std::string(std::string)>& name) {
    Weights result;
    for (const auto& [old, tensor] : weights) result[name(old)] = tensor;
    return result;
  }
  test::TemporaryFolder files_;
};

void expect_same(const Student& a, const Student& b) {
  std::vector<std::pair<std::string, Tensor>> tensors;
  visit_tensors(a,
                [&](const std::string& name, const Tensor& tensor, TensorRole) { tensors.emplace_back(name, tensor); });
  std::size_t i = 0;
  visit_tensors(b, [&](const std::string& name, const Tensor& tensor, TensorRole) {
    ASSERT_LT(i, tensors.size());
    EXPECT_EQ(name, tensors[i].first);
    EXPECT_TRUE(same_bits(tensor, tensors[i].second)) << name;
    ++i;
  });
  EXPECT_EQ(i, tensors.size());
}

TEST_F(BertFolder, EveryTensorGoesToItsPlace) {
  const Weights weights = bert_weights();
  const Student student = loaded(folder(test::write_bert(files_, weights)));
  const auto at = [&](const std::string& name) { return weights.at(name); };
  EXPECT_TRUE(same_bits(student.word, at("embeddings.word_embeddings.weight").slice(0, 0, 30)))
      << "without padding rows";
  EXPECT_TRUE(same_bits(student.position, at("embeddings.position_embeddings.weight") +
                                              at("embeddings.token_type_embeddings.weight")[0]));
  EXPECT_TRUE(same_bits(student.embedding_norm.gamma, at("embeddings.LayerNorm.weight")));
  EXPECT_TRUE(same_bits(student.embedding_norm.beta, at("embeddings.LayerNorm.bias")));
  for (std::int64_t i = 0; i < 2; ++i) {
    const std::string layer = "encoder.layer." + std::to_string(i);
    const EncoderLayer& to = student.layers[static_cast<std::size_t>(i)];
    std::int64_t row = 0;
    for (const char* part : {"query", "key", "value"}) {
      EXPECT_TRUE(same_bits(to.qkv.weight.slice(0, row, row + 8), at(layer + ".attention.self." + part + ".weight")))
          << part;
      EXPECT_TRUE(same_bits(to.qkv.bias.slice(0, row, row + 8), at(layer + ".attention.self." + part + ".bias")))
          << part;
      row += 8;
    }
    EXPECT_TRUE(same_bits(to.attention_output.weight, at(layer + ".attention.output.dense.weight")));
    EXPECT_TRUE(same_bits(to.attention_norm.gamma, at(layer + ".attention.output.LayerNorm.weight")));
    EXPECT_TRUE(same_bits(to.ffn_up.weight, at(layer + ".intermediate.dense.weight")));
    EXPECT_TRUE(same_bits(to.ffn_up.bias, at(layer + ".intermediate.dense.bias")));
    EXPECT_TRUE(same_bits(to.ffn_down.weight, at(layer + ".output.dense.weight")));
    EXPECT_TRUE(same_bits(to.ffn_norm.beta, at(layer + ".output.LayerNorm.bias")));
  }
}

TEST_F(BertFolder, NamesMayHaveAPrefixAndHeadsBeside) {
  const Weights weights = bert_weights();
  const Student plain = loaded(folder(test::write_bert(files_, weights)));
  for (const char* prefix : {"bert.", "0.auto_model.", "model.bert."}) {
    Weights prefixed = renamed(weights, [&](const std::string& name) { return prefix + name; });
    prefixed["classifier.weight"] = torch::ones({3, 8});
    prefixed["cls.predictions.decoder.weight"] = torch::ones({32, 8});
    prefixed[std::string(prefix) + "pooler.dense.weight"] = torch::ones({8, 8});
    prefixed[std::string(prefix) + "embeddings.position_ids"] = torch::ones({1, 10}, torch::kInt64);
    expect_same(loaded(folder(test::write_bert(files_, prefixed))), plain);
  }
}

TEST_F(BertFolder, NormsMayBeCalledGammaAndBeta) {
  const Weights weights = bert_weights();
  const Student plain = loaded(folder(test::write_bert(files_, weights)));
  const Weights old = renamed(weights, [](std::string name) {
    if (const auto at = name.find("LayerNorm."); at != std::string::npos)
      name = name.substr(0, at + 10) + (name.ends_with("weight") ? "gamma" : "beta");
    return name;
  });
  ASSERT_TRUE(old.contains("embeddings.LayerNorm.gamma"));
  expect_same(loaded(folder(test::write_bert(files_, old))), plain);
}

TEST_F(BertFolder, DistilBertSaysTheSameInItsOwnWords) {
  const Weights distil = bert_weights(test::distilbert_config());
  Weights bert;
  const std::vector<std::pair<std::string, std::string>> words = {{"transformer.", "encoder."},
                                                                  {".q_lin", ".self.query"},
                                                                  {".k_lin", ".self.key"},
                                                                  {".v_lin", ".self.value"},
                                                                  {".attention.out_lin", ".attention.output.dense"},
                                                                  {".sa_layer_norm", ".attention.output.LayerNorm"},
                                                                  {".ffn.lin1", ".intermediate.dense"},
                                                                  {".ffn.lin2", ".output.dense"},
                                                                  {".output_layer_norm", ".output.LayerNorm"}};
  for (const auto& [distilled, tensor] : distil) {
    std::string name = distilled;
    for (const auto& [from, to] : words) {
      if (const auto at = name.find(from); at != std::string::npos) name.replace(at, from.size(), to);
    }
    bert[name] = tensor;
  }
  bert["embeddings.token_type_embeddings.weight"] = torch::full({2, 8}, -0.0F);
  json config = bert_config();
  config["vocab_size"] = 30;
  const Student wanted = loaded(folder(test::write_bert(files_, bert, config)));
  expect_same(loaded(folder(test::write_bert(files_, distil, test::distilbert_config()))), wanted);
  const Weights prefixed = renamed(distil, [](const std::string& name) { return "distilbert." + name; });
  expect_same(loaded(folder(test::write_bert(files_, prefixed, test::distilbert_config()))), wanted);
}

TEST_F(BertFolder, HalfPrecisionIsReadAsItsFloats) {
  for (const auto type : {torch::kFloat16, torch::kBFloat16}) {
    Weights half = bert_weights(), full;
    for (auto& [name, tensor] : half) {
      tensor = tensor.to(type);
      full[name] = tensor.to(torch::kFloat32);
    }
    const Student wanted = loaded(folder(test::write_bert(files_, full)));
    expect_same(loaded(folder(test::write_bert(files_, half))), wanted);
  }
}

TEST_F(BertFolder, ShardsAreOneCheckpoint) {
  const Weights weights = bert_weights();
  const std::string path = test::write_bert(files_, weights);
  const Student single = loaded(folder(path));
  Weights parts[2];
  json map;
  std::size_t i = 0;
  for (const auto& [name, tensor] : weights) {
    parts[i % 2][name] = tensor;
    map[name] = i++ % 2 == 0 ? "a.safetensors" : "b.safetensors";
  }
  std::filesystem::remove(path + "/model.safetensors");
  files_.write("bert/a.safetensors", test::safetensors_bytes(parts[0]));
  files_.write("bert/b.safetensors", test::safetensors_bytes(parts[1]));
  files_.write("bert/model.safetensors.index.json", json{{"weight_map", map}}.dump());
  expect_same(loaded(folder(path)), single);
}

TEST_F(BertFolder, LayersPositionsAndPiecesMayBeFewer) {
  const data::PretrainedFolder from = folder(test::write_bert(files_, bert_weights()));
  const Student whole = loaded(from);
  const Student turned = loaded(from, {1, 0}, 4);
  EXPECT_TRUE(same_bits(turned.layers[0].ffn_up.weight, whole.layers[1].ffn_up.weight));
  EXPECT_TRUE(same_bits(turned.layers[1].qkv.bias, whole.layers[0].qkv.bias));
  EXPECT_TRUE(same_bits(turned.position, whole.position.slice(0, 0, 4)));
  const auto fewer = data::contents_of({"[PAD]", "parcel", "[UNK]", "[CLS]", "a", "[SEP]"}, "test", {});
  Student student = make_student(config_of(from, 1, 6, 10), 0.1, 3);
  const Tensor classifier = student.classifier.weight.clone();
  ASSERT_TRUE(load_pretrained(from, {1}, *fewer, student));
  EXPECT_TRUE(same_bits(student.word, whole.word.index_select(0, torch::tensor({0, 24, 2, 3, 8, 4}))));
  EXPECT_TRUE(same_bits(student.classifier.weight, classifier)) << "the classifier is the student's own";
}

TEST_F(BertFolder, WordsMayBeNarrower) {
  const data::PretrainedFolder from = folder(test::write_bert(files_, bert_weights()));  // words of width 8
  const Student whole = loaded(from);
  spec::ModelConfig config = config_of(from, 2, 30, 10);
  double error_before = 0.0;
  for (const std::uint32_t width : {7U, 5U, 2U}) {
    config.encoder.embedding_width = width;
    Student student = make_student(config, 0.1, 3);
    ASSERT_TRUE(load_pretrained(from, {0, 1}, from.tokenizer, student));
    EXPECT_EQ(student.word.sizes(), (std::vector<std::int64_t>{30, width}));
    // What a text's first token adds up to: word and position.
    const Tensor sums = student.word.matmul(student.word_projection.t()) + student.position[0];
    const double error = (sums - (whole.word + whole.position[0])).square().sum().item<double>();
    EXPECT_GT(error, error_before) << width;
    EXPECT_LT(error, 0.9 * (whole.word - whole.word.mean(0)).square().sum().item<double>()) << width;
    error_before = error;
  }
}

TEST_F(BertFolder, NarrowWordsAreGivenBackWide) {
  const data::PretrainedFolder from = folder(test::write_bert(files_, bert_weights()));
  spec::ModelConfig config = config_of(from, 2, 30, 10);
  config.encoder.embedding_width = 3;
  Student student = make_student(config, 0.1, 3);
  ASSERT_TRUE(load_pretrained(from, {0, 1}, from.tokenizer, student));
  ASSERT_TRUE(write_pretrained(student, from.tokenizer, {{"a", "b", "c"}}, files_.file("back")));
  const Student back = loaded(folder(files_.file("back")));
  EXPECT_TRUE(same_bits(back.word, student.word.matmul(student.word_projection.t())));
  EXPECT_TRUE(same_bits(back.position, student.position));
}

TEST_F(BertFolder, WhatDoesNotFitIsRefused) {
  const data::PretrainedFolder from = folder(test::write_bert(files_, bert_weights()));
  const auto message = [&](const spec::ModelConfig& config, const std::vector<std::uint32_t>& kept,
                           const runtime::TokenizerContents& tokenizer) {
    Student student = make_student(config, 0.1, 3);
    const Status status = load_pretrained(from, kept, tokenizer, student);
    return status ? std::string("accepted") : status.error().message;
  };
  const spec::ModelConfig good = config_of(from, 2, 30, 10);
  EXPECT_EQ(message(good, {0, 1}, from.tokenizer), "accepted");
  EXPECT_THAT(message(good, {0, 2}, from.tokenizer), HasSubstr("names layer 2"));
  EXPECT_THAT(message(good, {1, 1}, from.tokenizer), HasSubstr("names layer 1 twice"));
  EXPECT_THAT(message(config_of(from, 2, 30, 11), {0, 1}, from.tokenizer), HasSubstr("has 10 positions"));
  spec::ModelConfig other = good;
  other.encoder.layers[1].ffn_width = 13;
  EXPECT_THAT(message(other, {0, 1}, from.tokenizer), HasSubstr("the student's shape differs from the folder's"));
  EXPECT_THAT(message(good, {0}, from.tokenizer), HasSubstr("the student's shape differs from the folder's"));
  runtime::TokenizerContents foreign = from.tokenizer;
  foreign.vocabulary[24] = "elsewhere";
  EXPECT_THAT(message(good, {0, 1}, foreign), HasSubstr("does not have the piece \"elsewhere\""));
}

TEST_F(BertFolder, CheckpointsThatAreNotTheConfigsAreRefusedByName) {
  Weights weights = bert_weights();
  weights.erase("encoder.layer.1.output.dense.bias");
  Error error = refused(test::write_bert(files_, weights));
  EXPECT_EQ(error.code, ErrorCode::kNotFound);
  EXPECT_THAT(error.message,
              AllOf(HasSubstr("model.safetensors"), HasSubstr("no tensor encoder.layer.1.output.dense.bias")));
  weights = bert_weights();
  weights["encoder.layer.0.intermediate.dense.weight"] = torch::ones({12, 9});
  error = refused(test::write_bert(files_, weights));
  EXPECT_EQ(error.code, ErrorCode::kBadData);
  EXPECT_THAT(error.message,
              HasSubstr("encoder.layer.0.intermediate.dense.weight has the shape [12, 9], config.json says [12, 8]"));
  error =
      refused(test::write_bert(files_, renamed(bert_weights(), [](const std::string& name) { return "x" + name; })));
  EXPECT_THAT(error.message, HasSubstr("not a BERT or DistilBERT"));
  weights = bert_weights();
  for (const auto& [name, tensor] : bert_weights()) weights["teacher." + name] = tensor;
  error = refused(test::write_bert(files_, weights));
  EXPECT_THAT(error.message, HasSubstr("holds 2 encoders (\"\", \"teacher.\")"));
}

TEST_F(BertFolder, GivenBackAndTakenAgainEveryBitIsTheSame) {
  const data::PretrainedFolder from = folder(test::write_bert(files_, bert_weights()));
  const Student student = loaded(from);
  student.position[0][0] = -0.0F;  // even this
  ASSERT_TRUE(write_pretrained(student, from.tokenizer, {{"refund", "parcel", "other"}}, files_.file("back")));
  const data::PretrainedFolder back = folder(files_.file("back"));
  EXPECT_EQ(back.layer_norm_epsilon, from.layer_norm_epsilon);
  EXPECT_EQ(back.tokenizer.vocabulary, from.tokenizer.vocabulary);
  EXPECT_EQ(back.tokenizer.lowercase, from.tokenizer.lowercase);
  EXPECT_EQ(back.tokenizer.strip_accents, from.tokenizer.strip_accents);
  const Student again = loaded(back);
  expect_same(again, student);
  EXPECT_EQ(again.config, student.config);
  ASSERT_TRUE(write_pretrained(again, back.tokenizer, {{"refund", "parcel", "other"}}, files_.file("again")));
  for (const char* name : {"config.json", "tokenizer.json", "tokenizer_config.json", "vocab.txt"}) {
    EXPECT_EQ(test::read_text(files_.file("again/") + name), test::read_text(files_.file("back/") + name)) << name;
  }
  const json config = json::parse(test::read_text(files_.file("back/config.json")));
  EXPECT_EQ(config["id2label"], (json{{"0", "refund"}, {"1", "parcel"}, {"2", "other"}}));
  EXPECT_EQ(config["noggin_pooling"], "mean");
}

TEST_F(BertFolder, AWrittenFolderSaysWhatItsClassifierReads) {
  const data::PretrainedFolder from = folder(test::write_bert(files_, bert_weights()));
  struct Case {
    spec::Pooling pooling;
    const char *name, *architecture, *prefix;
  };
  for (const Case& c : {Case{spec::Pooling::kMean, "mean", "BertModel", ""},
                        Case{spec::Pooling::kFirstToken, "first_token", "BertModel", ""},
                        Case{spec::Pooling::kEveryToken, "every_token", "BertForTokenClassification", "bert."}}) {
    spec::ModelConfig config = config_of(from, 2, 30, 10);
    config.pooling = c.pooling;
    const Student student = make_student(config, 0.1, 3);
    ASSERT_TRUE(write_pretrained(student, from.tokenizer, {{"a", "b", "c"}}, files_.file("back")));
    const json written = json::parse(test::read_text(files_.file("back/config.json")));
    EXPECT_EQ(written["noggin_pooling"], c.name);
    EXPECT_EQ(written["architectures"], json::array({c.architecture}));
    const auto tensors = SafetensorsFiles::open({files_.file("back/model.safetensors")});
    ASSERT_TRUE(tensors);
    EXPECT_TRUE(tensors->has(std::string(c.prefix) + "embeddings.word_embeddings.weight"));
    EXPECT_TRUE(tensors->has("classifier.weight"));
    Student again = make_student(config, 0.1, 4);
    const data::PretrainedFolder back = folder(files_.file("back"));
    ASSERT_TRUE(load_pretrained(back, {0, 1}, back.tokenizer, again));
    EXPECT_TRUE(torch::equal(again.word, student.word));
    EXPECT_EQ(back.pooling.kind, c.pooling == spec::Pooling::kMean         ? data::PretrainedPooling::Kind::kMean
                                 : c.pooling == spec::Pooling::kFirstToken ? data::PretrainedPooling::Kind::kFirstToken
                                                                           : data::PretrainedPooling::Kind::kUnknown);
  }
}

TEST_F(BertFolder, TheTokenizersSwitchesSurvive) {
  data::PretrainedFolder from = folder(test::write_bert(files_, bert_weights()));
  const Student student = loaded(from);
  from.tokenizer.lowercase = false;
  from.tokenizer.strip_accents = true;
  from.tokenizer.max_word_characters = 17;
  ASSERT_TRUE(write_pretrained(student, from.tokenizer, {{"a", "b", "c"}}, files_.file("back")));
  const data::PretrainedFolder back = folder(files_.file("back"));
  EXPECT_FALSE(back.tokenizer.lowercase);
  EXPECT_TRUE(back.tokenizer.strip_accents);
  EXPECT_EQ(back.tokenizer.max_word_characters, 17U);
}

TEST_F(BertFolder, PrunedLayersCannotBeSaid) {
  const data::PretrainedFolder from = folder(test::write_bert(files_, bert_weights()));
  for (const std::vector<spec::LayerConfig>& layers :
       {std::vector<spec::LayerConfig>{{2, 12}, {2, 11}}, {{1, 12}, {1, 12}}}) {
    spec::ModelConfig config = config_of(from, 2, 30, 10);
    config.encoder.layers = layers;
    const Status status =
        write_pretrained(make_student(config, 0.1, 3), from.tokenizer, {{"a", "b", "c"}}, files_.file("back"));
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, ErrorCode::kUnsupported);
    EXPECT_THAT(status.error().message, HasSubstr("before pruning"));
    EXPECT_FALSE(std::filesystem::exists(files_.file("back")));
  }
}

TEST_F(BertFolder, AStudentWithoutLayersIsNoBert) {
  const data::PretrainedFolder from = folder(test::write_bert(files_, bert_weights()));
  spec::ModelConfig config = config_of(from, 2, 30, 10);
  config.encoder.layers.clear();
  const Status status =
      write_pretrained(make_student(config, 0.1, 3), from.tokenizer, {{"a", "b"}}, files_.file("back"));
  ASSERT_FALSE(status);
  EXPECT_THAT(status.error().message, HasSubstr("a static student has no layers"));
}

TEST_F(BertFolder, AFolderThatCannotBeMade) {
  const data::PretrainedFolder from = folder(test::write_bert(files_, bert_weights()));
  files_.write("file", "");
  const Status status = write_pretrained(loaded(from), from.tokenizer, {{"a", "b", "c"}}, files_.file("file/back"));
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kIo);
}

// The folder's epsilon reaches the frozen model, from which the .nog file and ONNX are written.
TEST_F(BertFolder, EpsilonReachesTheFrozenModel) {
  const data::PretrainedFolder from = folder(test::write_bert(files_, bert_weights()));
  const format::FrozenModel model = exporter::freeze(loaded(from), from.tokenizer, {{"a", "b", "c"}, -1});
  EXPECT_EQ(model.config.encoder.layer_norm_epsilon, 1e-5F);
}

}  // namespace
}  // namespace noggin::train
