#include "train/run/stop_signal.h"

#include <atomic>
#include <csignal>

namespace noggin::train {
namespace {

std::atomic<int> received{0};
static_assert(std::atomic<int>::is_always_lock_free, "a signal handler may only touch lock-free atomics");

struct sigaction former_interrupt, former_terminate;

void on_signal(int number) {
  int none = 0;
  if (received.compare_exchange_strong(none, number)) return;
  std::signal(number, SIG_DFL);  // the second signal kills, with the status that the shell expects
  std::raise(number);
}

}  // namespace

StopSignal::StopSignal() {
  struct sigaction action = {};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;  // reads and writes in progress continue; the loop checks the flag between steps
  sigaction(SIGINT, &action, &former_interrupt);
  sigaction(SIGTERM, &action, &former_terminate);
}

StopSignal::~StopSignal() {
  sigaction(SIGINT, &former_interrupt, nullptr);
  sigaction(SIGTERM, &former_terminate, nullptr);
}

bool StopSignal::requested() { return received.load() != 0; }
int StopSignal::signal_number() { return received.load(); }

ExitCode StopSignal::exit_code() {
  switch (received.load()) {
    case 0:
      return ExitCode::kOk;
    case SIGTERM:
      return ExitCode::kTerminated;
    default:
      return ExitCode::kInterrupted;
  }
}

void StopSignal::clear() { received = 0; }

}  // namespace noggin::train
