// What the two headers promise about files, processes and stacks.
#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "noggin/noggin.h"
#include "tests/support/engine_model.h"

namespace noggin {
namespace {

std::string written(const std::string& name, const std::vector<std::byte>& bytes) {
  const std::string path = testing::TempDir() + "noggin_process_" + std::to_string(getpid()) + "_" + name;
  std::ofstream(path, std::ios::trunc | std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  return path;
}

format::FrozenModel tagger() {
  spec::ModelConfig config = test::engine_config();
  config.pooling = spec::Pooling::kEveryToken;
  format::FrozenModel frozen = test::random_frozen_model(config, 4, 0);
  frozen.tokenizer = tests::tiny_tokenizer(config.vocabulary_size);
  frozen.task = {{"O", "B-EMAIL", "I-EMAIL"}, -1, TaskKind::kTag};
  return frozen;
}

// As cp and rsync in place do, and a disk that is full.
TEST(OpenModels, AnswerAsBeforeWhenTheirFileIsOverwrittenOrCut) {
  const std::vector<std::byte> bytes = test::serialized(test::frozen_model_with_golden(test::engine_config(), 41));
  const std::vector<std::byte> other = test::serialized(test::frozen_model_with_golden(test::engine_config(), 42));
  for (const std::vector<std::byte>& later : {other, std::vector<std::byte>(bytes.size(), std::byte{0xA5}),
                                              std::vector<std::byte>(bytes.begin(), bytes.begin() + 100)}) {
    const std::string path = written("model.nog", bytes);
    const Result<Model> model = Model::open(path);
    ASSERT_TRUE(model) << model.error().message;
    Session session = *Session::create(*model);
    const std::string text = test::sample_texts()[0];
    const std::vector<float> before = test::copied(*session.logits(session.tokenize(text)));
    written("model.nog", later);
    EXPECT_EQ(test::bits(*session.logits(session.tokenize(text))), test::bits(before));
    EXPECT_EQ(model->labels()[0], "label_0");
    EXPECT_EQ(session.self_test().failed, 0U);
    std::filesystem::remove(path);
  }
}

TEST(OpenModels, AMappedOneAnswersTheSame) {
  const std::string path =
      written("mapped.nog", test::serialized(test::frozen_model_with_golden(test::engine_config(), 41)));
  const Result<Model> mapped = Model::open(path, {.map = true});
  ASSERT_TRUE(mapped) << mapped.error().message;
  EXPECT_EQ(Session::create(*mapped)->self_test().failed, 0U);
  noggin_model* model = nullptr;
  noggin_error error;
  EXPECT_EQ(noggin_model_open_mapped(path.c_str(), &model, &error), NOGGIN_OK) << error.message;
  noggin_model_close(model);
  EXPECT_EQ(noggin_model_open_mapped("nowhere.nog", &model, &error), NOGGIN_NOT_FOUND);
  EXPECT_EQ(model, nullptr);
  std::filesystem::remove(path);
}

// In a child of fork(): its exit code. A hang is ended by the alarm.
template <typename Work>
int exit_code_of_child(const Work& work) {
  const pid_t child = fork();
  if (child == 0) {
    alarm(20);
    _exit(work() ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

TEST(Fork, AChildAnswersWithTheSameBitsAndEnds) {
  const test::OpenModel router = test::open_model(test::frozen_model_with_golden(test::engine_config(), 41));
  const test::OpenModel spans = test::open_model(tagger());
  const std::string text = test::sample_texts()[2];
  for (const std::size_t threads : {std::size_t{1}, std::size_t{3}}) {
    auto session = std::make_unique<Session>(*Session::create(router.model, {{}, threads, 0}));
    auto tags = std::make_unique<Session>(*Session::create(spans.model, {{}, threads, 0}));
    const std::vector<std::uint32_t> before = test::bits(*session->logits(session->tokenize(text)));
    const std::string masked = *tags->mask(text);
    const int code = exit_code_of_child([&] {
      const std::vector<std::string_view> texts = {text, "a", text};
      std::vector<Answer> answers(3);
      bool same = test::bits(*session->logits(session->tokenize(text))) == before;
      same = same && session->classify_batch(texts, answers) && *tags->mask(text) == masked;
      same = same && session->self_test().failed == 0;
      Session another = *Session::create(router.model, {{}, 2, 0});
      same = same && test::bits(*another.logits(another.tokenize(text))) == before;
      session.reset();
      tags.reset();
      return same;
    });
    EXPECT_EQ(code, 0) << threads << " threads" << (code == 1014 ? ": hung" : "");
    EXPECT_EQ(test::bits(*session->logits(session->tokenize(text))), before) << "the parent goes on";
  }
}

// The figure of both headers. Beyond it lies a guard page: a call that needs more ends the test by SIGSEGV.
TEST(Stack, NoCallNeedsMoreThan64KiB) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "sanitizers need a stack of their own";
#endif
  constexpr std::size_t kStack = std::size_t{64} << 10;
  if (sysconf(_SC_THREAD_STACK_MIN) > static_cast<long>(kStack)) GTEST_SKIP() << "no thread here has so little";
  struct Given {
    std::string router, tagger;  // paths
    bool passed = false;
  } given;
  given.router = written("stack.nog", test::serialized(test::frozen_model_with_golden(test::engine_config(), 41)));
  given.tagger = written("stack_tagger.nog", test::serialized(tagger()));
  const auto work = [](void* argument) -> void* {
    Given& its = *static_cast<Given*>(argument);
    const Result<Model> model = Model::open(its.router), tags = Model::open(its.tagger);
    if (!model || !tags) return nullptr;
    Result<Session> session = Session::create(*model), spans = Session::create(*tags);
    if (!session || !spans) return nullptr;
    for (const std::string& text : test::sample_texts()) {
      if (!session->classify(text) || !session->probabilities(text) || !spans->mask(text)) return nullptr;
    }
    its.passed = session->self_test().failed == 0;
    return nullptr;
  };
  (void)test::sample_texts();
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  ASSERT_EQ(pthread_attr_setstacksize(&attributes, kStack), 0);
  pthread_t thread;
  ASSERT_EQ(pthread_create(&thread, &attributes, work, &given), 0);
  pthread_join(thread, nullptr);
  pthread_attr_destroy(&attributes);
  EXPECT_TRUE(given.passed);
  std::filesystem::remove(given.router);
  std::filesystem::remove(given.tagger);
}

}  // namespace
}  // namespace noggin
