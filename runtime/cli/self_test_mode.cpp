#include "cli/modes.h"
#include "prediction/json_writer.h"

namespace noggin::run_tool {

Result<Outcome> run_self_test(const Arguments& arguments, Session& session, Output& output) {
  const SelfTest result = session.self_test();
  // A file without golden vectors proves nothing, which is not the same as passing.
  const bool passed = result.checked > 0 && result.failed == 0;
  std::string text;
  if (arguments.json) {
    JsonObject(text)
        .text("kernels", session.kernel_set())
        .integer("checked", result.checked)
        .integer("failed", result.failed)
        .raw("passed", passed ? "true" : "false")
        .text("first_failure", result.first_failure)
        .finish();
    text += '\n';
  } else {
    text = std::string("self-test (") + session.kernel_set() + "): " + std::to_string(result.checked - result.failed) +
           " of " + std::to_string(result.checked) + " golden vectors equal to the last bit\n";
    if (result.failed > 0) text += "first failure: " + result.first_failure + "\n";
    if (result.checked == 0) text += "the file holds no golden vectors: nothing was verified\n";
  }
  output.write(text);
  return Outcome{passed};
}

}  // namespace noggin::run_tool
