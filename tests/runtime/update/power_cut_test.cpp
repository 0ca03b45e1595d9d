// The power fails in the middle of each write, flush, rename and removal of an update, of a start, of a rollback: a
// good model is there afterwards, and the next update completes.
#include <cerrno>
#include <filesystem>

#include "tests/support/update_cut.h"
#include "tests/support/update_publication.h"

namespace noggin {
namespace {

namespace fs = std::filesystem;

class PowerCut : public test::PublicationTest {
 protected:
  void SetUp() override {
    if (!cut_.usable()) GTEST_SKIP() << "NOT RUN: no C compiler";
    if (!fs::exists("/proc/self/exe")) GTEST_SKIP() << "NOT RUN: not Linux";
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    GTEST_SKIP() << "NOT RUN: a sanitizer wants to be preloaded first";
#endif
    options_ = options(0);
    // The process asks the real clock.
    publish_now(1);
  }
  void publish_now(std::uint64_t number) {
    publish::PublishRequest now = request(number);
    now.now = 0;
    publish(now);
  }
  std::vector<std::string> tool(std::vector<std::string> words) {
    words.insert(words.begin(), NOGGIN_BIN_DIR "/noggin-run");
    return words;
  }
  std::vector<std::string> update_command() {
    return tool({"update", updates_, state_, "--key", key_ + ".pub", "--device-id", "device"});
  }

  // Runs the command with each of its calls going wrong, each time from a copy of the state as it is now, and calls
  // `check` after each. Returns how many calls there are.
  template <typename Check>
  int at_each_call(const std::vector<std::string>& command, const std::string& what, const Check& check) {
    const std::string before = folder_.file("before");
    fs::remove_all(before);
    if (fs::exists(state_)) fs::copy(state_, before, fs::copy_options::recursive);
    const auto restore = [&] {
      fs::remove_all(state_);
      if (fs::exists(before)) fs::copy(before, state_, fs::copy_options::recursive);
    };
    EXPECT_EQ(cut_.run(command, state_, 0, what).exit_code, 0);
    const int calls = cut_.calls();
    for (int at = 1; at <= calls; ++at) {
      SCOPED_TRACE("call " + std::to_string(at));
      restore();
      const int code = cut_.run(command, state_, at, what).exit_code;
      EXPECT_TRUE(what == "kill" ? code == 128 + SIGKILL : true) << code;
      check(code);
    }
    restore();
    return calls;
  }

  // The model that would answer now, without counting as a start.
  std::string answering() {
    const Result<UpdateState> state = Updater(state_).state();
    if (!state || state->current.empty()) return "";
    const Result<Model> model = Model::open(state->current);
    EXPECT_TRUE(model) << model.error().message;
    return test::read_text(state->current);
  }

  test::CutPower cut_{folder_};
  UpdateOptions options_;
};

TEST_F(PowerCut, InTheFirstUpdate) {
  const int calls = at_each_call(update_command(), "kill", [&](int) {
    const std::string now = answering();
    EXPECT_TRUE(now.empty() || now == model_bytes(1));
    EXPECT_NE(update(options_).outcome, UpdateOutcome::kRefused);
    expect_runs(1);
  });
  EXPECT_GE(calls, 10);
}

TEST_F(PowerCut, InTheNextUpdate) {
  for (const std::uint64_t number : {1U, 2U}) {
    publish_now(number);
    update(options_);
    expect_runs(number);
  }
  publish_now(3);
  int early = 0, late = 0;  // before the switch; after it, while the oldest model is removed
  at_each_call(update_command(), "kill", [&](int) {
    const std::string now = answering();
    EXPECT_TRUE(now == model_bytes(2) || now == model_bytes(3));
    (now == model_bytes(2) ? early : late)++;
    EXPECT_NE(update(options_).outcome, UpdateOutcome::kRefused);
    expect_runs(3);
  });
  EXPECT_GT(early, 3);
  EXPECT_GE(late, 1);
}

TEST_F(PowerCut, AFailingDiskIsSaidAndChangesNothing) {
  update(options_);
  expect_runs(1);
  publish_now(2);
  for (const int error : {ENOSPC, EIO}) {
    at_each_call(update_command(), std::to_string(error), [&](int code) {
      // What only tidies up, or flushes after the switch, may fail without harm to this update.
      EXPECT_TRUE(code == 0 || code == 4 || code == 6) << code;
      const std::string now = answering();
      EXPECT_TRUE(now == model_bytes(1) || now == model_bytes(2));
      EXPECT_NE(update(options_).outcome, UpdateOutcome::kRefused);
      expect_runs(2);
    });
  }
}

TEST_F(PowerCut, InTheFirstStartAndInFallingBack) {
  update(options_);
  expect_runs(1);
  publish_now(2);
  update(options_);
  const auto good = [&](int) {
    const std::string now = answering();
    EXPECT_TRUE(now == model_bytes(1) || now == model_bytes(2));
    EXPECT_TRUE(Updater(state_).start());
  };
  EXPECT_GE(at_each_call(tool({"current", state_}), "kill", good), 3);
  ASSERT_TRUE(Updater(state_).start());  // and no confirm: the next start falls back
  EXPECT_GE(at_each_call(tool({"current", state_}), "kill", good), 3);
  EXPECT_TRUE(test::read_text(*Updater(state_).start()) == model_bytes(1));
}

TEST_F(PowerCut, InARollback) {
  update(options_);
  expect_runs(1);
  publish_now(2);
  update(options_);
  expect_runs(2);
  EXPECT_GE(at_each_call(tool({"rollback", state_}), "kill",
                         [&](int) {
                           const std::string now = answering();
                           EXPECT_TRUE(now == model_bytes(1) || now == model_bytes(2));
                           EXPECT_TRUE(Updater(state_).start());
                         }),
            3);
}

}  // namespace
}  // namespace noggin
