#include <unistd.h>

#include "bytes/atomic_file.h"
#include "cli/modes.h"
#include "noggin/counters.h"
#include "prediction/counts_json.h"

namespace noggin::run_tool {

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
  const Status answered = answer_lines(arguments, model, session, input, output, warn);
  const Status written = write();
  if (!answered) return answered.error();
  return Outcome{true, written};
}

}  // namespace noggin::run_tool
