// Hugging Face's own packages judge a written folder: `safetensors` reads the weights for a plain BERT in NumPy, whose
// logits must be the trainer's; `tokenizers` cuts nasty texts, and the ids must be Noggin's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "data/vocabulary/vocabulary.h"
#include "tests/support/engine_process.h"
#include "tests/support/train_bert_weights.h"
#include "tests/support/train_students.h"
#include "tokenizer/wordpiece.h"
#include "train/pretrained/bert_folder.h"

namespace noggin::train {
namespace {

using nlohmann::json;

// Pieces that the nasty texts touch, in every script that they are written in.
runtime::TokenizerContents tokenizer_of(bool lowercase, bool strip_accents) {
  std::vector<std::string> pieces = test::bert_pieces();
  for (char c = 'd'; c <= 'z'; ++c) {
    if (std::find(pieces.begin(), pieces.end(), std::string(1, c)) == pieces.end()) pieces.emplace_back(1, c);
    const std::string continuing = std::string("##").append(1, c);
    if (std::find(pieces.begin(), pieces.end(), continuing) == pieces.end()) pieces.push_back(continuing);
  }
  for (const char* piece : {"#",
                            "[",
                            "]",
                            "'",
                            "-",
                            ".",
                            ",",
                            "\u00E9",
                            "##\u00E9",
                            "\u65E5",
                            "\u672C",
                            "\uD55C",
                            "##\u1161",
                            "\u1112",
                            "\u043F",
                            "##\u0440",
                            "##\u0438",
                            "\u0645",
                            "##\u0631",
                            "\u0939",
                            "##\u093F",
                            "\u0E2A",
                            "##\u0E27",
                            "\U0001F600",
                            "##\U0001F600",
                            "\U0001F469",
                            "##\U0001F469",
                            "\u2764",
                            "##\uFE0F",
                            "\u3002",
                            "\u2014",
                            "\u00DF",
                            "##\u00DF",
                            "\u03C3",
                            "##\u03C3",
                            "##\u03C2",
                            "i",
                            "##i",
                            "\u0131",
                            "A",
                            "B",
                            "##A",
                            "C",
                            "Caf\u00E9",
                            "0",
                            "1",
                            "##0",
                            "##1"}) {
    if (std::find(pieces.begin(), pieces.end(), piece) == pieces.end()) pieces.emplace_back(piece);
  }
  data::VocabularyOptions options;
  options.lowercase = lowercase;
  options.strip_accents = strip_accents;
  return *data::contents_of(std::move(pieces), "test", options);
}

// Hand-made corners, and random mixtures of everything.
std::vector<std::string> nasty_texts() {
  std::vector<std::string> texts = {"",
                                    " ",
                                    "\t\r\n",
                                    "where is my parcel?",
                                    "Caf\u00E9 CAF\u00C9 cafe\u0301 cafe\u0301\u0327",
                                    "[CLS] is [SEP]",
                                    "##a ##ing a##b",
                                    "\u65E5\u672Cab\u65E5 \uD55C\uAD6D\uC5B4 \u3002",
                                    "\u041F\u0440\u0438\u0432\u0435\u0442 \u0645\u0631\u062D\u0628\u0627 "
                                    "\u0939\u093F\u0928\u094D\u0926\u0940 \u0E2A\u0E27\u0E31\u0E2A",
                                    "a\u200Bb\u200Dc\uFEFF\u00AD",
                                    std::string("nul\0here\x01\x7F\x1B[0m", 12),
                                    "\uFFFDx\uFFFD",
                                    "\u00A0a\u2003b\u3000c\u2028d",
                                    "\U0001F469\u200D\U0001F469\u200D\U0001F467 \u2764\uFE0F\U0001F600\U0001F600",
                                    "STRASSE Stra\u00DFe \u03A3\u03AF\u03C3\u03C5\u03C6\u03BF\u03C2 \u0130I\u0131i",
                                    "it's--the.end,really\u2014no",
                                    "\U00020000a\U0002F800",
                                    "\uE000 \uF8FF",
                                    "e\u0301\u0302\u0303\u0304",
                                    "\u00BD\u2163\uFB01"};
  for (const std::size_t length : {99U, 100U, 101U, 300U, 5000U}) {
    texts.emplace_back(length, 'a');
    std::string accents;
    for (std::size_t i = 0; i < length; ++i) accents += "\u00E9";
    texts.push_back(accents);
  }
  const std::vector<std::string> atoms = {"a",
                                          "b",
                                          "parcel",
                                          "the",
                                          "ing",
                                          " ",
                                          "  ",
                                          "'",
                                          "-",
                                          "#",
                                          "[",
                                          "\u00E9",
                                          "e\u0301",
                                          "\u65E5",
                                          "\uD55C",
                                          "\u043F\u0440",
                                          "\u0645\u064E",
                                          "\u0939\u093F",
                                          "\U0001F600",
                                          "\u200D",
                                          "\uFE0F",
                                          "\u00AD",
                                          "\x02",
                                          "\n",
                                          "\u00DF",
                                          "\u03A3",
                                          "\u0130",
                                          "A",
                                          "Z",
                                          "7",
                                          "1",
                                          "\u3002",
                                          "\u2014",
                                          "\u00A0",
                                          "\uFFFD",
                                          "\uE000",
                                          "\u0301"};
  test::Random random(7);
  for (int i = 0; i < 3000; ++i) {
    std::string text;
    for (std::uint64_t left = random.below(30); left > 0; --left) text += atoms[random.below(atoms.size())];
    texts.push_back(std::move(text));
  }
  return texts;
}

// Runs a script beside this file under the first Python that has the packages; says why it cannot.
class Oracle : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* candidate : {"python3", "/usr/bin/python3"}) {
      const std::vector<std::string> probe = {"/usr/bin/env", std::string("PYTHONPATH=") + NOGGIN_HUGGING_FACE_WHEELS,
                                              candidate, "-c", "import numpy, safetensors.numpy, tokenizers"};
      if (test::run_process(probe).exit_code != 0) continue;
      python_ = {probe[0], probe[1], candidate};
      return;
    }
    GTEST_SKIP() << "no Python with numpy, safetensors and tokenizers in " << NOGGIN_HUGGING_FACE_WHEELS
                 << ". To run this test: bash configs/build/setup.sh";
  }
  test::ProcessResult judge(const std::string& script, const std::string& folder, const json& cases) {
    std::vector<std::string> command = python_;
    command.insert(command.end(), {std::string(NOGGIN_SOURCE_DIR "/tests/train/pretrained/") + script, folder,
                                   files_.write("cases.json", cases.dump())});
    return test::run_process(command);
  }
  test::TemporaryFolder files_;
  std::vector<std::string> python_;
};

json logits_cases(const Student& student) {
  const test::Texts texts = test::random_texts(student.config, 20, 5);
  FloatArithmetic arithmetic;
  torch::NoGradGuard no_grad;
  const Tensor logits = forward(student, test::packed(texts), arithmetic);
  json cases = json::array();
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const float* row = logits.const_data_ptr<float>() + static_cast<std::ptrdiff_t>(i * student.config.classes);
    cases.push_back({{"ids", texts[i]}, {"logits", std::vector<float>(row, row + student.config.classes)}});
  }
  return cases;
}

TEST_F(Oracle, APlainBertGivesTheTrainersLogits) {
  for (const spec::Pooling pooling : {spec::Pooling::kMean, spec::Pooling::kFirstToken}) {
    spec::ModelConfig config = test::student_config(pooling);
    const runtime::TokenizerContents tokenizer = tokenizer_of(true, true);
    config.vocabulary_size = static_cast<std::uint32_t>(tokenizer.vocabulary.size());
    config.encoder.layers = {{4, 26}, {4, 26}};
    config.encoder.layer_norm_epsilon = 0.03F;  // large enough to be seen
    const Student student = test::random_student(config, 3);
    ASSERT_TRUE(write_pretrained(student, tokenizer, {{"a", "b", "c", "d", "e"}}, files_.file("student")));
    json cases = logits_cases(student);
    const test::ProcessResult result = judge("bert_oracle.py", files_.file("student"), cases);
    EXPECT_EQ(result.exit_code, 0) << result.output << result.errors;
    cases[3]["logits"][2] = cases[3]["logits"][2].get<float>() + 3e-4F;
    EXPECT_EQ(judge("bert_oracle.py", files_.file("student"), cases).exit_code, 1) << "the oracle sees nothing";
  }
}

TEST_F(Oracle, TokenIdsAreThoseOfTheTokenizersPackage) {
  const std::vector<std::string> texts = nasty_texts();
  for (const bool lowercase : {true, false}) {
    for (const bool strip_accents : {true, false}) {
      const runtime::TokenizerContents tokenizer = tokenizer_of(lowercase, strip_accents);
      spec::ModelConfig config = test::student_config();
      config.vocabulary_size = static_cast<std::uint32_t>(tokenizer.vocabulary.size());
      config.encoder.layers = {{4, 26}};
      ASSERT_TRUE(write_pretrained(test::random_student(config, 3), tokenizer, {{"a", "b", "c", "d", "e"}},
                                   files_.file("student")));
      const auto section = runtime::serialize_tokenizer(tokenizer);
      const auto pieces = runtime::WordPieceTokenizer::bind(*section);
      json cases = json::array();
      std::vector<std::uint32_t> ids(8192);
      for (const std::string& text : texts) {
        const std::size_t count = pieces->encode(text, ids);
        cases.push_back(
            {{"text", text},
             {"ids", std::vector<std::uint32_t>(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(count))}});
      }
      const test::ProcessResult result = judge("tokenizers_oracle.py", files_.file("student"), cases);
      EXPECT_EQ(result.exit_code, 0) << result.output << result.errors;
      cases[3]["ids"][1] = 7;
      EXPECT_EQ(judge("tokenizers_oracle.py", files_.file("student"), cases).exit_code, 1) << "the oracle sees nothing";
    }
  }
}

}  // namespace
}  // namespace noggin::train
