#include "train/checkpoint/checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes/content_hash.h"
#include "tests/support/cli_temporary_folder.h"
#include "tests/support/tokenizer_tiny.h"
#include "tests/support/train_students.h"
#include "train/loop/train_state.h"
#include "train/run/failure.h"

namespace noggin::train {
namespace {

using test::read_text;
using test::TemporaryFolder;
using testing::HasSubstr;

Checkpoint sample() {
  Checkpoint checkpoint;
  checkpoint.meta = {{"kind", "sample"}, {"text", "\xC3\xBC \n"}, {"number", 0.1}, {"list", {1, 2}}};
  checkpoint.tensors["floats"] = torch::arange(10, torch::kFloat32).view({2, 5});
  checkpoint.tensors["doubles"] = torch::full({3}, 1.0 / 3.0, torch::kFloat64);
  checkpoint.tensors["integers"] = torch::tensor({-5L, 1L << 40}, torch::kInt64);
  checkpoint.tensors["bytes"] = torch::arange(7, torch::kUInt8);
  checkpoint.tensors["empty"] = torch::empty({0});
  checkpoint.tensors["strided"] = torch::arange(6, torch::kFloat32).view({2, 3}).t();
  return checkpoint;
}

std::string written(const Checkpoint& checkpoint, const std::string& path) {
  const Status status = write_checkpoint(checkpoint, path);
  EXPECT_TRUE(status) << (status ? "" : status.error().message);
  return read_text(path);
}

TEST(Checkpoint, GivesBackWhatWasWritten) {
  const TemporaryFolder folder;
  const Checkpoint before = sample();
  written(before, folder.file("a.ckpt"));
  const Result<Checkpoint> after = read_checkpoint(folder.file("a.ckpt"));
  ASSERT_TRUE(after) << after.error().message;
  EXPECT_EQ(after->meta, before.meta);
  ASSERT_EQ(after->tensors.size(), before.tensors.size());
  for (const auto& [name, tensor] : before.tensors) {
    const Tensor& read = after->tensors.at(name);
    EXPECT_EQ(read.scalar_type(), tensor.scalar_type()) << name;
    EXPECT_TRUE(torch::equal(read, tensor)) << name;
  }
}

TEST(Checkpoint, EqualContentsGiveEqualBytes) {
  const TemporaryFolder folder;
  EXPECT_EQ(written(sample(), folder.file("a.ckpt")), written(sample(), folder.file("b.ckpt")));
  Checkpoint other = sample();
  other.tensors["floats"][0][0] = 1e-20F;
  EXPECT_NE(written(sample(), folder.file("a.ckpt")), written(other, folder.file("b.ckpt")));
}

// The file is small, so every byte of it is tried: magic, lengths, directory, padding, tensors.
TEST(Checkpoint, AFlippedBitInAnyByteIsRefused) {
  const TemporaryFolder folder;
  const std::string whole = written(sample(), folder.file("a.ckpt"));
  for (std::size_t byte = 0; byte < whole.size(); ++byte) {
    std::string damaged = whole;
    damaged[byte] = static_cast<char>(damaged[byte] ^ (1 << (byte % 8)));
    const Result<Checkpoint> read = read_checkpoint(folder.write("b.ckpt", damaged));
    ASSERT_FALSE(read) << "byte " << byte << " of " << whole.size();
    EXPECT_EQ(read.error().code, ErrorCode::kCorrupt);
    EXPECT_THAT(read.error().message, testing::AllOf(HasSubstr("b.ckpt"), HasSubstr("Fix: ")));
  }
}

TEST(Checkpoint, EveryCutAndEveryTailIsRefused) {
  const TemporaryFolder folder;
  const std::string whole = written(sample(), folder.file("a.ckpt"));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    ASSERT_FALSE(read_checkpoint(folder.write("b.ckpt", whole.substr(0, size)))) << size << " of " << whole.size();
  }
  EXPECT_FALSE(read_checkpoint(folder.write("b.ckpt", whole + '\0')));
}

TEST(Checkpoint, AMissingFileAndAnotherFormatAreNamed) {
  const TemporaryFolder folder;
  const Result<Checkpoint> missing = read_checkpoint(folder.file("none.ckpt"));
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(missing.error().message, HasSubstr("none.ckpt"));
  const Result<Checkpoint> other = read_checkpoint(folder.write("x", std::string(200, 'x')));
  ASSERT_FALSE(other);
  EXPECT_THAT(other.error().message, HasSubstr("is not a Noggin checkpoint"));
}

// A file of any directory whose hash is right, as a forger makes it.
std::string forged(const std::string& directory) {
  std::string file = "NOGCKPT1";
  for (const std::uint64_t number :
       {std::uint64_t{directory.size()}, content_hash(directory.data(), directory.size())}) {
    for (int i = 0; i < 8; ++i) file.push_back(static_cast<char>(number >> (8 * i)));
  }
  file += directory;
  file.resize((file.size() + 63) / 64 * 64);
  return file;
}

TEST(Checkpoint, AForgedDirectoryIsRefusedInOurWords) {
  const TemporaryFolder folder;
  std::string deep = "{\"meta\":";
  deep.append(2'000'000, '[');
  deep.append(2'000'000, ']');
  deep += ",\"tensors\":[]}";
  for (const std::string& directory :
       {deep, std::string("[1,2"), std::string("{}"), std::string("[]"), std::string("{\"meta\":1,\"tensors\":[[]]}"),
        std::string(R"({"meta":{},"tensors":[{"name":"a","type":"float32","shape":[-1],"offset":0,"bytes":0,)"
                    R"("xxh3":"2d06800538d394c2"}]})")}) {
    const Result<Checkpoint> read = read_checkpoint(folder.write("forged.ckpt", forged(directory)));
    ASSERT_FALSE(read) << directory.substr(0, 80);
    EXPECT_EQ(read.error().code, ErrorCode::kCorrupt);
    EXPECT_THAT(read.error().message, testing::AllOf(HasSubstr("forged.ckpt"), HasSubstr("Fix: ")));
    for (const char* foreign : {"json.exception", "Exception raised", "c10", "frame #"})
      EXPECT_THAT(read.error().message, testing::Not(HasSubstr(foreign)));
  }
  EXPECT_FALSE(describe_checkpoint(folder.write("forged.ckpt", forged("{\"meta\":[],\"tensors\":7}"))));
}

TEST(Checkpoint, APipeIsNotWaitedForAndAHugeFileIsNotRead) {
  const TemporaryFolder folder;
  const std::string pipe = folder.file("pipe"), huge = folder.write("huge.ckpt", "NOG");
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  ASSERT_EQ(::truncate(huge.c_str(), off_t{1} << 40), 0);
  for (const std::string& path : {pipe, huge, folder.path()}) EXPECT_FALSE(read_checkpoint(path)) << path;
}

TEST(Checkpoint, ATypeThatHasNoNameIsRefused) {
  const TemporaryFolder folder;
  Checkpoint checkpoint = sample();
  checkpoint.tensors["halves"] = torch::zeros({2}, torch::kFloat16);
  const Status status = write_checkpoint(checkpoint, folder.file("a.ckpt"));
  ASSERT_FALSE(status);
  EXPECT_THAT(status.error().message, HasSubstr("halves"));
}

StudentBundle sample_bundle() {
  StudentBundle bundle;
  bundle.student = test::random_student(test::student_config(spec::Pooling::kFirstToken), 3);
  bundle.student.config.encoder.layer_norm_epsilon = 1e-7F;
  bundle.tokenizer = tests::tiny_tokenizer(bundle.student.config.vocabulary_size);
  bundle.tokenizer.strip_accents = false;
  bundle.tokenizer.max_word_characters = 33;
  bundle.task = {{"a", "b", "c", "d", "none"}, 4};
  bundle.quantized = true;
  bundle.history = {{"phase", "qat"}, {"dev", {{"accuracy", 0.875}}}};
  return bundle;
}

TEST(Bundle, GivesBackStudentTokenizerAndTask) {
  const TemporaryFolder folder;
  StudentBundle before = sample_bundle();
  before.task.checks = {{spec::CheckKind::kUrl, 2}, {spec::CheckKind::kCard, 0}};
  ASSERT_TRUE(write_bundle(before, folder.file("s.ckpt")));
  const Result<StudentBundle> after = read_bundle(folder.file("s.ckpt"));
  ASSERT_TRUE(after) << after.error().message;
  EXPECT_EQ(after->student.config, before.student.config);
  std::map<std::string, Tensor> tensors;
  visit_tensors(before.student,
                [&](const std::string& name, const Tensor& tensor, TensorRole) { tensors[name] = tensor; });
  visit_tensors(after->student, [&](const std::string& name, const Tensor& tensor, TensorRole) {
    EXPECT_TRUE(torch::equal(tensor, tensors.at(name))) << name;
  });
  EXPECT_EQ(after->tokenizer.vocabulary, before.tokenizer.vocabulary);
  EXPECT_EQ(after->tokenizer.lowercase, before.tokenizer.lowercase);
  EXPECT_EQ(after->tokenizer.strip_accents, before.tokenizer.strip_accents);
  EXPECT_EQ(after->tokenizer.unknown_id, before.tokenizer.unknown_id);
  EXPECT_EQ(after->tokenizer.cls_id, before.tokenizer.cls_id);
  EXPECT_EQ(after->tokenizer.sep_id, before.tokenizer.sep_id);
  EXPECT_EQ(after->tokenizer.pad_id, before.tokenizer.pad_id);
  EXPECT_EQ(after->tokenizer.max_word_characters, before.tokenizer.max_word_characters);
  EXPECT_EQ(after->tokenizer.unicode_tables, before.tokenizer.unicode_tables);
  EXPECT_EQ(after->task.labels, before.task.labels);
  EXPECT_EQ(after->task.none_class, before.task.none_class);
  EXPECT_EQ(after->task.checks, before.task.checks);
  EXPECT_TRUE(after->quantized);
  EXPECT_EQ(after->history, before.history);
  const Result<std::string> text = describe_checkpoint(folder.file("s.ckpt"));
  ASSERT_TRUE(text);
  EXPECT_THAT(*text, testing::AllOf(HasSubstr("checkpoint (student), all hashes match"), HasSubstr("embeddings.word")));
}

TEST(Bundle, AnIncompleteOneAndAnotherKindAreRefused) {
  const TemporaryFolder folder;
  ASSERT_TRUE(write_bundle(sample_bundle(), folder.file("s.ckpt")));
  Checkpoint checkpoint = *read_checkpoint(folder.file("s.ckpt"));
  checkpoint.tensors.erase("layers.1.ffn.up.bias");
  written(checkpoint, folder.file("t.ckpt"));
  const Result<StudentBundle> incomplete = read_bundle(folder.file("t.ckpt"));
  ASSERT_FALSE(incomplete);
  EXPECT_THAT(incomplete.error().message, HasSubstr("layers.1.ffn.up.bias"));
  checkpoint.meta["kind"] = "resume";
  written(checkpoint, folder.file("u.ckpt"));
  const Result<StudentBundle> resume = read_bundle(folder.file("u.ckpt"));
  ASSERT_FALSE(resume);
  EXPECT_THAT(resume.error().message, HasSubstr("is a resume checkpoint"));
}

spec::ModelConfig tiny_config() {
  spec::ModelConfig config;
  config.pooling = spec::Pooling::kFirstToken;
  config.vocabulary_size = 9;
  config.max_tokens = 5;
  config.encoder.width = 4;
  config.encoder.embedding_width = 2;
  config.encoder.head_width = 2;
  config.classes = 3;
  config.encoder.layer_norm_epsilon = 0.5F;
  config.encoder.layers = {{2, 6}, {1, 7}};
  return config;
}

TEST(Student, ItsConfigIsWrittenWithTheseKeysInThisOrder) {
  EXPECT_EQ(config_to_json(tiny_config()).dump(),
            R"({"family":"encoder","pooling":"first_token","vocabulary_size":9,"max_tokens":5,"width":4,)"
            R"("embedding_width":2,"head_width":2,"classes":3,"layer_norm_epsilon":0.5,)"
            R"("layers":[{"heads":2,"ffn_width":6},{"heads":1,"ffn_width":7}]})");
  EXPECT_EQ(config_to_json(spec::ngram_config(7, 2, 5)).at("family"), "ngram");
  spec::ModelConfig int4 = tiny_config();
  int4.encoder.word_type = spec::WeightType::kInt4;
  EXPECT_EQ(config_to_json(int4).at("word_type"), "int4");
}

TEST(Student, ItsConfigIsReadBack) {
  Checkpoint checkpoint;
  put_student(make_student(tiny_config(), 0.02, 1), "a.", checkpoint);
  EXPECT_EQ(take_student(checkpoint, "a.").config, tiny_config());
  spec::ModelConfig int4 = tiny_config();
  int4.encoder.word_type = spec::WeightType::kInt4;
  put_student(make_student(int4, 0.02, 1), "b.", checkpoint);
  EXPECT_EQ(take_student(checkpoint, "b.").config, int4);
  for (const char* family : {"ngram", "decoder"}) {
    checkpoint.meta["a.config"]["family"] = family;
    EXPECT_THROW(take_student(checkpoint, "a."), Failure) << family;
  }
}

TEST(ResumeState, OfAnotherVersionIsRefusedWithAWayOut) {
  const TemporaryFolder folder;
  Checkpoint checkpoint;
  checkpoint.meta = {{"kind", "resume"}, {"fingerprint", "x"}, {"phase", 0}};
  written(checkpoint, folder.file("resume.ckpt"));
  try {
    load_state(folder.file("resume.ckpt"), torch::kCPU);
    ADD_FAILURE() << "accepted";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), ExitCode::kBadData);
    EXPECT_THAT(failure.what(), HasSubstr("--force"));
  }
}

}  // namespace
}  // namespace noggin::train
