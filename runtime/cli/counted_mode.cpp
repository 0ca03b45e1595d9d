#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "bytes/atomic_file.h"
#include "cli/modes.h"
#include "noggin/counters.h"
#include "prediction/counts_json.h"

namespace noggin::run_tool {
namespace {

// A thread that calls `write` every so many seconds until it goes.
template <typename Write>
class Regularly {
 public:
  Regularly(std::chrono::seconds every, const Write& write)
      : thread_([this, every, &write] {
          std::unique_lock lock(mutex_);
          while (!ended_.wait_for(lock, every, [this] { return end_; })) write();
        }) {}
  ~Regularly() {
    {
      const std::lock_guard lock(mutex_);
      end_ = true;
    }
    ended_.notify_one();
    thread_.join();
  }
  Regularly(const Regularly&) = delete;
  Regularly& operator=(const Regularly&) = delete;

 private:
  std::mutex mutex_;
  std::condition_variable ended_;
  bool end_ = false;
  std::thread thread_;  // the last member: it uses the others
};

}  // namespace

Result<Outcome> answer_counted(const Arguments& arguments, const Model& model, Session& session, Output& output,
                               const Warn& warn) {
  Result<Counters> counters = Counters::create(model);
  if (!counters) return counters.error();
  if (Status status = session.set_counters(&*counters); !status) return status.error();
  const auto write = [&] {
    const std::string text = runtime::counts_json(counters->read(), model);
    return write_file_atomically(arguments.counters, text.data(), text.size());
  };
  if (Status status = write(); !status) return Outcome{true, status};
  LineInput input(STDIN_FILENO, "standard input");
  const Status answered = [&] {
    const auto write_now = [&] { (void)write(); };  // the last writing says what is wrong
    const Regularly writing(std::chrono::seconds(arguments.counters_every), write_now);
    return answer_lines(arguments, model, session, input, output, warn);
  }();
  const Status written = write();
  if (!answered) return answered.error();
  return Outcome{true, written};
}

}  // namespace noggin::run_tool
