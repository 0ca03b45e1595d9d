// A machine that has nothing left: every allocation, open, fstat, mmap and new thread that the runtime asks for fails
// in turn, alone and together with all later ones. Each gives an Error that says so, and nothing stays behind: no
// block, no file, no mapping.
#include <dlfcn.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <new>

#include "noggin/noggin.h"
#include "tests/support/engine_model.h"
#include "tests/support/engine_process.h"
#include "tests/support/hostile_interposed.h"

namespace noggin::test {

constinit Interposed interposed;

namespace {

bool fails() {
  if (!interposed.armed) return false;
  const std::uint64_t call = ++interposed.calls;
  return call >= interposed.first_failing && call <= interposed.last_failing;
}

void* counted(void* block) {
  if (block == nullptr) return nullptr;
  ++interposed.live_blocks;
  const std::size_t live = interposed.live_bytes += malloc_usable_size(block);
  if (live > interposed.peak_bytes) interposed.peak_bytes = live;
  return block;
}

void uncounted(void* block) {
  if (block == nullptr) return;
  --interposed.live_blocks;
  interposed.live_bytes -= malloc_usable_size(block);
}

template <typename Function>
Function* next_definition(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

}  // namespace
}  // namespace noggin::test

using noggin::test::counted;
using noggin::test::fails;
using noggin::test::interposed;
using noggin::test::uncounted;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__GLIBC__)

namespace {
[[gnu::noinline]] void* allocate(std::size_t size) noexcept { return fails() ? nullptr : counted(std::malloc(size)); }
[[gnu::noinline]] void* allocate(std::size_t size, std::align_val_t alignment) noexcept {
  const auto bytes = static_cast<std::size_t>(alignment);
  return fails() ? nullptr : counted(std::aligned_alloc(bytes, (size + bytes - 1) / bytes * bytes));
}
void* or_throw(void* block) { return block != nullptr ? block : throw std::bad_alloc(); }
[[gnu::noinline]] void release(void* block) noexcept {
  uncounted(block);
  std::free(block);
}
}  // namespace

void* operator new(std::size_t size) { return or_throw(allocate(size)); }
void* operator new[](std::size_t size) { return or_throw(allocate(size)); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return allocate(size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return allocate(size); }
void* operator new(std::size_t size, std::align_val_t at) { return or_throw(allocate(size, at)); }
void* operator new[](std::size_t size, std::align_val_t at) { return or_throw(allocate(size, at)); }
void* operator new(std::size_t size, std::align_val_t at, const std::nothrow_t&) noexcept { return allocate(size, at); }
void* operator new[](std::size_t size, std::align_val_t at, const std::nothrow_t&) noexcept {
  return allocate(size, at);
}
void operator delete(void* block) noexcept { release(block); }
void operator delete[](void* block) noexcept { release(block); }
void operator delete(void* block, std::size_t) noexcept { release(block); }
void operator delete[](void* block, std::size_t) noexcept { release(block); }
void operator delete(void* block, std::align_val_t) noexcept { release(block); }
void operator delete[](void* block, std::align_val_t) noexcept { release(block); }
void operator delete(void* block, std::size_t, std::align_val_t) noexcept { release(block); }
void operator delete[](void* block, std::size_t, std::align_val_t) noexcept { release(block); }

#else

// All of operator new comes through here too.
extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
void __libc_free(void*);

void* malloc(std::size_t size) { return fails() ? nullptr : counted(__libc_malloc(size)); }
void* calloc(std::size_t count, std::size_t size) { return fails() ? nullptr : counted(__libc_calloc(count, size)); }
void* aligned_alloc(std::size_t alignment, std::size_t size) {
  return fails() ? nullptr : counted(__libc_memalign(alignment, size));
}
void* realloc(void* block, std::size_t size) {
  if (fails()) return nullptr;
  uncounted(block);
  void* moved = __libc_realloc(block, size);
  return counted(moved != nullptr || size == 0 ? moved : block) == moved ? moved : nullptr;
}
void free(void* block) {
  uncounted(block);
  __libc_free(block);
}
}

#endif

extern "C" {

int open(const char* path, int flags, ...) {
  static auto* const real = noggin::test::next_definition<int(const char*, int, ...)>("open");
  va_list rest;
  va_start(rest, flags);
  const unsigned mode = (flags & O_CREAT) != 0 ? va_arg(rest, unsigned) : 0;
  va_end(rest);
  if (fails()) return errno = EMFILE, -1;
  const int descriptor = real(path, flags, mode);
  interposed.open_files += descriptor >= 0 ? 1U : 0U;
  return descriptor;
}

int close(int descriptor) {
  static auto* const real = noggin::test::next_definition<int(int)>("close");
  --interposed.open_files;
  return real(descriptor);
}

int fstat(int descriptor, struct stat* status) noexcept {
  static auto* const real = noggin::test::next_definition<int(int, struct stat*)>("fstat");
  return fails() ? (errno = EIO, -1) : real(descriptor, status);
}

void* mmap(void* address, std::size_t size, int protection, int flags, int descriptor, off_t offset) noexcept {
  static auto* const real = noggin::test::next_definition<void*(void*, std::size_t, int, int, int, off_t)>("mmap");
  if (fails()) return errno = ENOMEM, MAP_FAILED;
  ++interposed.mappings;
  return real(address, size, protection, flags, descriptor, offset);
}

int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*work)(void*), void* given) noexcept {
  static auto* const real =
      noggin::test::next_definition<int(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*)>("pthread_create");
  return fails() ? EAGAIN : real(thread, attributes, work, given);
}

int munmap(void* address, std::size_t size) noexcept {
  static auto* const real = noggin::test::next_definition<int(void*, std::size_t)>("munmap");
  --interposed.mappings;
  return real(address, size);
}
}

namespace noggin::test {
namespace {

// What a piece of work came to, without memory of its own.
struct Outcome {
  bool success = false;
  bool explained = false;  // a failure with a message
  ErrorCode code = ErrorCode::kExists;
};

template <typename T>
Outcome outcome_of(const Result<T>& result) {
  if (result) return {.success = true};
  return {false, !result.error().message.empty(), result.error().code};
}

Outcome outcome_of(noggin_status status, const noggin_error& error) {
  if (status == NOGGIN_OK) return {.success = true};
  const bool memory = status == NOGGIN_OUT_OF_SPACE;
  return {false, error.status == status && error.message[0] != '\0', memory ? ErrorCode::kOutOfSpace : ErrorCode::kIo};
}

struct Held {
  std::size_t blocks = interposed.live_blocks, bytes = interposed.live_bytes;
  std::size_t files = interposed.open_files, mappings = interposed.mappings;
  bool operator==(const Held&) const = default;
};

// Runs `work` again and again, with its first, second, ... call failing, until no call is left to fail.
void expect_every_failure_is_an_error(const std::function<Outcome()>& work, bool succeeds, std::uint64_t at_least) {
  for (const bool all_later_ones : {false, true}) {
    std::uint64_t n = 1;
    for (;; ++n) {
      ASSERT_LT(n, 10000U);
      const Held before;
      interposed.arm(n, all_later_ones ? kNever : n);
      const Outcome outcome = work();
      interposed.disarm();
      ASSERT_EQ(Held(), before) << "call " << n << " left something behind";
      const bool reached = interposed.calls >= n;
      if (!reached) {
        EXPECT_EQ(outcome.success, succeeds);
        break;
      }
      ASSERT_FALSE(outcome.success) << "call " << n << " failed and nobody noticed";
      ASSERT_TRUE(outcome.explained) << "call " << n;
      if (succeeds) {
        EXPECT_TRUE(outcome.code == ErrorCode::kOutOfSpace || outcome.code == ErrorCode::kIo) << "call " << n;
      }
    }
    EXPECT_GT(n, at_least) << "calls were not counted";
  }
}

class FailingCalls : public testing::Test {
 protected:
  const std::vector<std::byte> bytes_ = serialized(frozen_model_with_golden(engine_config(), 31));
  TestFolder folder_;
  const std::string path_ = folder_.write("model.nog", {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()});
  const AlignedBytes memory_{bytes_};
};

TEST_F(FailingCalls, OpeningAFile) {
  expect_every_failure_is_an_error([&] { return outcome_of(Model::open(path_)); }, true, 8);
}

TEST_F(FailingCalls, OpeningMemory) {
  expect_every_failure_is_an_error([&] { return outcome_of(Model::from_memory(memory_.span())); }, true, 5);
}

// Saying what is wrong takes memory too.
TEST_F(FailingCalls, RefusingAFile) {
  const std::string absent = folder_.path("absent");
  expect_every_failure_is_an_error([&] { return outcome_of(Model::open(absent)); }, false, 1);
  const std::string damaged = folder_.write("damaged.nog", std::string(path_).append(4096, 'x'));
  expect_every_failure_is_an_error([&] { return outcome_of(Model::open(damaged)); }, false, 4);
}

TEST_F(FailingCalls, CreatingASession) {
  const Result<Model> model = Model::from_memory(memory_.span());
  ASSERT_TRUE(model) << model.error().message;
  expect_every_failure_is_an_error([&] { return outcome_of(Session::create(*model)); }, true, 1);
  const std::string unknown = "a kernel set that does not exist anywhere";
  expect_every_failure_is_an_error([&] { return outcome_of(Session::create(*model, unknown)); }, false, 1);
}

TEST_F(FailingCalls, CreatingASessionOfThreeThreads) {
  const Result<Model> model = Model::from_memory(memory_.span());
  ASSERT_TRUE(model) << model.error().message;
  const auto create = [&] { return outcome_of(Session::create(*model, {.threads = 3})); };
  ASSERT_TRUE(create().success);  // the C library keeps the stacks of threads that have ended
  expect_every_failure_is_an_error(create, true, 5);
}

// Answering makes no call that could fail.
TEST_F(FailingCalls, AnsweringNeedsNothing) {
  const Result<Model> model = Model::from_memory(memory_.span());
  const std::vector<std::string_view> texts = {"where is my parcel", "", "\xFF the thing"};
  const std::vector<std::uint32_t> ids = {2, 3, 2, 5, 3}, lengths = {2, 3};
  std::vector<Answer> answers(texts.size());
  std::vector<float> logits(texts.size() * model->labels().size());
  std::vector<TextSpan> spans(model->max_tokens());
  for (const std::size_t threads : {1U, 3U}) {
    Result<Session> session = Session::create(*model, {.threads = threads, .batch_tokens = 64});
    ASSERT_TRUE(session) << session.error().message;
    interposed.arm(1, kNever);
    bool good = static_cast<bool>(session->classify_batch(texts, answers, logits));
    for (const std::string_view text : texts) {
      good = good && session->classify(text) && session->probabilities(text);
      good = good && session->logits(session->tokenize(text)) && session->tokenize(text, spans);
    }
    good = good && session->logits_batch(ids, lengths, std::span(logits).first(2 * model->labels().size()));
    good = good && session->self_test().failed == 0;
    interposed.disarm();
    EXPECT_EQ(interposed.calls, 0U);
    EXPECT_TRUE(good);
  }
}

TEST_F(FailingCalls, TheCInterface) {
  noggin_error error;
  const auto open_file = [&] {
    noggin_model* model = nullptr;
    const noggin_status status = noggin_model_open(path_.c_str(), &model, &error);
    noggin_model_close(model);
    return outcome_of(status, error);
  };
  expect_every_failure_is_an_error(open_file, true, 12);
  noggin_model* model = nullptr;
  const auto open_memory = [&] {
    const noggin_status status = noggin_model_open_memory(memory_.span().data(), memory_.span().size(), &model, &error);
    if (interposed.armed) noggin_model_close(model);
    return outcome_of(status, error);
  };
  expect_every_failure_is_an_error(open_memory, true, 8);
  ASSERT_TRUE(open_memory().success);
  noggin_session* session = nullptr;
  const auto create = [&] {
    const noggin_status status = noggin_session_create(model, nullptr, &session, &error);
    if (interposed.armed) noggin_session_destroy(session);
    return outcome_of(status, error);
  };
  expect_every_failure_is_an_error(create, true, 2);
  ASSERT_TRUE(create().success);
  noggin_answer answer;
  float logits[3];
  const auto classify = [&] {
    return outcome_of(noggin_session_classify(session, "the thing", 9, &answer, logits, 3, &error), error);
  };
  expect_every_failure_is_an_error(classify, true, 0);
  EXPECT_EQ(interposed.calls, 0U);
  expect_every_failure_is_an_error(
      [&] { return outcome_of(noggin_session_self_test(session, nullptr, nullptr, &error), error); }, true, 0);
  noggin_session_destroy(session);
  noggin_model_close(model);
}

}  // namespace
}  // namespace noggin::test
