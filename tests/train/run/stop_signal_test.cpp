#include "train/run/stop_signal.h"

#include <gmock/gmock.h>

#include <csignal>

namespace noggin::train {
namespace {

class StopSignals : public testing::Test {
 protected:
  ~StopSignals() override { StopSignal::clear(); }
};

TEST_F(StopSignals, EachEndsWithItsNumber) {
  const std::pair<int, ExitCode> expected[] = {
      {SIGHUP, ExitCode::kHungUp}, {SIGINT, ExitCode::kInterrupted}, {SIGTERM, ExitCode::kTerminated}};
  for (const auto& [number, code] : expected) {
    const StopSignal guard;
    std::raise(number);
    EXPECT_TRUE(StopSignal::requested()) << number;
    EXPECT_EQ(StopSignal::exit_code(), code);
    EXPECT_EQ(static_cast<int>(code), 128 + number);
    StopSignal::clear();
  }
}

TEST_F(StopSignals, AnIgnoredHangUpStaysIgnored) {
  std::signal(SIGHUP, SIG_IGN);  // as nohup does
  {
    const StopSignal guard;
    std::raise(SIGHUP);
    EXPECT_FALSE(StopSignal::requested());
  }
  EXPECT_EQ(std::signal(SIGHUP, SIG_DFL), SIG_IGN);
}

TEST_F(StopSignals, WorkThatAsksEndsWithTheReasonAndTheConsequence) {
  const StopSignal guard;
  EXPECT_NO_THROW(StopSignal::throw_if_requested("verify was", "Nothing was written"));
  std::raise(SIGTERM);
  try {
    StopSignal::throw_if_requested("verify was", "Nothing was written");
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), ExitCode::kTerminated);
    EXPECT_STREQ(failure.what(), "verify was stopped by SIGTERM. Nothing was written");
  }
}

}  // namespace
}  // namespace noggin::train
