// Which precision a run takes, and that it keeps it.
#include "train/loop/precision.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <stdexcept>

#include "tests/support/train_students.h"
#include "tests/support/train_tiny_run.h"
#include "train/loop/train_state.h"
#include "train/run/stop_signal.h"

namespace noggin::train {
namespace {

using test::run_job;
using test::shared_data;
using test::TemporaryFolder;

TEST(Precision, IsNamedAsInARecipe) {
  for (const Precision precision : {Precision::kAuto, Precision::kFp32, Precision::kBf16}) {
    EXPECT_EQ(precision_from_name(precision_name(precision)), precision);
  }
  EXPECT_THROW(precision_from_name("fp64"), std::invalid_argument);
}

// Seconds of the passes of one precision, in order; the last goes on.
Precision chosen(std::vector<double> exact, std::vector<double> rounded) {
  std::size_t exact_at = 0, rounded_at = 0;
  return faster_precision([&](Precision precision) {
    const bool is_exact = precision == Precision::kFp32;
    const std::vector<double>& times = is_exact ? exact : rounded;
    std::size_t& at = is_exact ? exact_at : rounded_at;
    return times[std::min(at++, times.size() - 1)];
  });
}

TEST(FasterPrecision, IsBf16WhenItWinsClearly) {
  EXPECT_EQ(chosen({1.0}, {0.5}), Precision::kBf16);
  EXPECT_EQ(chosen({1.0}, {0.83}), Precision::kBf16);
  EXPECT_EQ(chosen({1.0}, {0.84}), Precision::kFp32);
  EXPECT_EQ(chosen({1.0}, {2.0}), Precision::kFp32);
}

TEST(FasterPrecision, ForgetsTheFirstPassAndTheSlowOnes) {
  EXPECT_EQ(chosen({1.0}, {90.0, 0.5}), Precision::kBf16);           // compiled its kernels
  EXPECT_EQ(chosen({0.1, 1.0}, {0.1, 0.9}), Precision::kFp32);       // a first pass decides nothing
  EXPECT_EQ(chosen({1.0}, {3.0, 3.0, 0.5, 3.0}), Precision::kBf16);  // another program ran meanwhile
  EXPECT_EQ(chosen({3.0, 3.0, 3.0, 0.5, 3.0}, {0.5}), Precision::kFp32);
}

TEST(FasterPrecision, IsMeasuredOnAStudent) {
  const Student student = test::random_student(test::student_config(), 1);
  const Precision precision = measured_precision(student, test::packed(test::random_texts(student.config, 4, 2)), 0.1);
  EXPECT_NE(precision, Precision::kAuto);
  visit_tensors(student, [](const std::string& name, const Tensor& tensor, TensorRole) {
    EXPECT_FALSE(tensor.requires_grad()) << name;
    EXPECT_FALSE(tensor.grad().defined()) << name;
  });
}

std::string precision_of(const std::string& checkpoint) { return read_bundle(checkpoint)->history.at("precision"); }

void run_until(const TrainJob& job, int last) {
  const StopSignal guard;
  run_job(job, [&](int step) {
    if (step == last) std::raise(SIGINT);
  });
  StopSignal::clear();
}

TEST(Precision, OfARunIsInItsCheckpoints) {
  for (const Precision precision : {Precision::kFp32, Precision::kBf16}) {
    const TemporaryFolder folder;
    TrainJob job = shared_data().job(folder.path());
    job.recipe.train.precision = precision;
    for (const PhaseResult& phase : run_job(job).phases)
      EXPECT_EQ(precision_of(phase.checkpoint), precision_name(precision));
  }
}

TEST(Precision, ThatWasMeasuredOnceIsKeptByAResumedRun) {
  for (const Precision stored : {Precision::kFp32, Precision::kBf16}) {
    const TemporaryFolder folder;
    TrainJob job = shared_data().job(folder.path());
    job.recipe.train.precision = Precision::kAuto;
    run_until(job, 3);
    // Whatever the clock said: the state decides.
    const std::string path = folder.path() + "/checkpoints/resume.ckpt";
    Checkpoint state = *read_checkpoint(path);
    EXPECT_NE(state.meta.at("precision"), precision_name(Precision::kAuto));
    state.meta["precision"] = precision_name(stored);
    ASSERT_TRUE(write_checkpoint(state, path));
    for (const PhaseResult& phase : run_job(job).phases)
      EXPECT_EQ(precision_of(phase.checkpoint), precision_name(stored));
  }
}

TEST(Precision, ARunInBf16ResumesToTheSameBits) {
  const auto bf16_job = [](const TemporaryFolder& folder) {
    TrainJob job = shared_data().job(folder.path());
    job.recipe.train.precision = Precision::kBf16;
    return job;
  };
  const TemporaryFolder whole;
  const TrainOutcome expected = run_job(bf16_job(whole));
  ASSERT_EQ(expected.phases.size(), 3U);
  for (const int last : {2, 14, 27}) {  // a step of each phase
    const TemporaryFolder stopped;
    const TrainJob job = bf16_job(stopped);
    run_until(job, last);
    const TrainOutcome resumed = run_job(job);
    ASSERT_EQ(resumed.phases.size(), 3U);
    for (std::size_t i = 0; i < 3; ++i) {
      EXPECT_TRUE(test::read_text(resumed.phases[i].checkpoint) == test::read_text(expected.phases[i].checkpoint))
          << "stopped after step " << last << ": phase " << i;
    }
  }
}

}  // namespace
}  // namespace noggin::train
