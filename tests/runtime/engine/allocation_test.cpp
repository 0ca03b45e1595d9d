// After a session is made, answering takes no memory from the heap. malloc itself is counted, so that neither operator
// new nor a C call can hide.
#include <gtest/gtest.h>

#include "noggin/counters.h"
#include "noggin/noggin.h"
#include "tests/support/engine_model.h"

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define NOGGIN_COUNTS_MALLOC 1

namespace {
thread_local bool counting = false;
thread_local std::size_t allocations = 0;
}  // namespace

extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);

void* malloc(std::size_t size) {
  if (counting) ++allocations;
  return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) {
  if (counting) ++allocations;
  return __libc_calloc(count, size);
}
void* realloc(void* block, std::size_t size) {
  if (counting) ++allocations;
  return __libc_realloc(block, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
  if (counting) ++allocations;
  return __libc_memalign(alignment, size);
}
}

namespace noggin {
namespace {

template <typename Work>
std::size_t allocations_of(const Work& work) {
  allocations = 0;
  counting = true;
  work();
  counting = false;
  return allocations;
}

TEST(Allocation, TheCounterCounts) {
  EXPECT_EQ(allocations_of([] { delete new volatile int(1); }), 1U);
  EXPECT_EQ(allocations_of([] { ::operator delete(::operator new(64, std::align_val_t{64}), std::align_val_t{64}); }),
            1U);
}

TEST(Allocation, AnsweringTakesNoneOnAnyKernelSet) {
  for (const spec::ModelConfig& config : test::odd_configs()) {
    const test::OpenModel open = test::open_model(test::frozen_model_with_golden(config, 21));
    for (const std::string& name : test::executable_kernel_sets()) {
      Session session = *Session::create(open.model, name);
      Counters counters = *Counters::create(open.model);
      ASSERT_TRUE(session.set_counters(&counters));
      const std::size_t count = allocations_of([&] {
        for (const std::string& text : test::sample_texts()) {
          // A refusal would be explained, which takes memory: taggers are asked for logits alone.
          const bool tagger = open.model.task() == TaskKind::kTag;
          if (!tagger && !(session.classify(text) && session.probabilities(text))) std::abort();
          const Result<std::span<const float>> logits = session.logits(session.tokenize(text));
          if (!logits || session.last_logits().empty()) std::abort();
        }
        if (session.self_test().failed != 0) std::abort();  // a failure would be described, which takes memory
      });
      EXPECT_EQ(count, 0U) << name;
    }
  }
}

TEST(Allocation, TaggingLongTextsTakesNone) {
  spec::ModelConfig config = test::engine_config();
  config.pooling = spec::Pooling::kEveryToken;
  format::FrozenModel frozen = test::frozen_model_with_golden(config, 24);
  for (std::uint32_t kind = 1; kind <= spec::kCheckNames.size(); ++kind)
    frozen.task.checks.push_back({static_cast<spec::CheckKind>(kind), 0});
  const test::OpenModel open = test::open_model(frozen);
  Session session = *Session::create(open.model);
  Counters counters = *Counters::create(open.model);
  ASSERT_TRUE(session.set_counters(&counters));
  std::string text;
  for (int i = 0; i < 50; ++i) text += "where is my unbelievablylongparcel, a@b.de ";
  std::vector<TaggedSpan> spans(200);
  std::vector<char> buffer(3 * text.size());
  bool answered = false;
  EXPECT_EQ(allocations_of([&] { answered = session.tag(text, spans) && session.mask(text, buffer); }), 0U);
  EXPECT_TRUE(answered);
}

TEST(Allocation, CreatingASessionTakesItsArenaAndTwoSmallBlocksAtMost) {
  const test::OpenModel open = test::open_model(test::frozen_model_with_golden(test::engine_config(), 22));
  EXPECT_LE(allocations_of([&] { (void)Session::create(open.model); }), 3U);
}

TEST(Allocation, TheCInterfaceAnswersWithoutAny) {
  const test::AlignedBytes bytes(test::serialized(test::frozen_model_with_golden(test::engine_config(), 23)));
  noggin_model* model = nullptr;
  noggin_session* session = nullptr;
  ASSERT_EQ(noggin_model_open_memory(bytes.span().data(), bytes.span().size(), &model, nullptr), NOGGIN_OK);
  ASSERT_EQ(noggin_session_create(model, nullptr, &session, nullptr), NOGGIN_OK);
  noggin_answer answer;
  noggin_error error;
  float logits[3];
  noggin_status status = NOGGIN_INTERNAL;
  EXPECT_EQ(allocations_of([&] { status = noggin_session_classify(session, "the", 3, &answer, logits, 3, &error); }),
            0U);
  EXPECT_EQ(status, NOGGIN_OK);
  const noggin_text texts[] = {{"where is my parcel", 18}, {nullptr, 0}, {"\xFF thing", 7}};
  noggin_answer answers[3];
  float all_logits[9];
  EXPECT_EQ(allocations_of(
                [&] { status = noggin_session_classify_batch(session, texts, 3, answers, all_logits, 9, &error); }),
            0U);
  EXPECT_EQ(status, NOGGIN_OK);
  EXPECT_EQ(allocations_of([&] { status = noggin_session_self_test(session, nullptr, nullptr, &error); }), 0U);
  EXPECT_EQ(status, NOGGIN_OK);
  // A refusal is explained in the caller's own memory.
  EXPECT_EQ(allocations_of([&] { status = noggin_session_classify(session, nullptr, 3, &answer, nullptr, 0, &error); }),
            0U);
  EXPECT_EQ(status, NOGGIN_INVALID_ARGUMENT);
  noggin_session_destroy(session);
  noggin_model_close(model);
}

}  // namespace
}  // namespace noggin

#endif
