#include "train/run/stop_signal.h"

#include <array>
#include <atomic>
#include <csignal>

#include "streams/signals.h"

namespace noggin::train {
namespace {

std::atomic<int> received{0};
static_assert(std::atomic<int>::is_always_lock_free, "a signal handler may only touch lock-free atomics");

std::array<struct sigaction, kStopSignals.size()> former;

void on_signal(int number) {
  int none = 0;
  if (received.compare_exchange_strong(none, number)) return;
  std::signal(number, SIG_DFL);  // the second signal kills, with the status that the shell expects
  std::raise(number);
}

const char* signal_name(int number) {
  switch (number) {
    case SIGTERM:
      return "SIGTERM";
    case SIGHUP:
      return "SIGHUP";
    default:
      return "SIGINT";
  }
}

}  // namespace

StopSignal::StopSignal() {
  struct sigaction action = {};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;  // reads and writes in progress continue; the loop checks the flag between steps
  for (std::size_t i = 0; i < kStopSignals.size(); ++i) {
    sigaction(kStopSignals[i], nullptr, &former[i]);
    const bool kept = kStopSignals[i] == SIGHUP && former[i].sa_handler == SIG_IGN;
    if (!kept) sigaction(kStopSignals[i], &action, nullptr);
  }
}

StopSignal::~StopSignal() {
  for (std::size_t i = 0; i < kStopSignals.size(); ++i) sigaction(kStopSignals[i], &former[i], nullptr);
}

bool StopSignal::requested() { return received.load() != 0; }
int StopSignal::signal_number() { return received.load(); }

ExitCode StopSignal::exit_code() {
  const int number = received.load();
  return number == 0 ? ExitCode::kOk : exit_code_of_signal(number);
}

void StopSignal::throw_if_requested(const std::string& what, const std::string& consequence) {
  if (!requested()) return;
  throw Failure(exit_code(), what + " stopped by " + signal_name(signal_number()) + ". " + consequence);
}

void StopSignal::clear() { received = 0; }

}  // namespace noggin::train
