// noggin-run: the device-side tool. Parses the command line, opens the model, runs one of the modes of modes.h, and
// turns the result into an exit code.
#include <unistd.h>

#include <exception>
#include <new>
#include <string>
#include <vector>

#include "bytes/exit_code.h"
#include "bytes/foreign_text.h"
#include "cli/arguments.h"
#include "cli/modes.h"
#ifdef NOGGIN_WITH_UPDATE
#include "cli/update_commands.h"
#endif
#include "noggin/noggin.h"
#include "spec/versions.h"
#include "streams/signals.h"

namespace noggin::run_tool {
namespace {

void complain(std::string_view message) {
  Output error_output(STDERR_FILENO);
  error_output.write("noggin-run: " + printable(message) + "\n");
}

ExitCode fail(const Error& error) {
  complain(error.message);
  return exit_code_of(error.code);
}

std::string version_text() {
  return std::string("noggin-run ") + noggin_version() + " (layout " + std::to_string(spec::kLayoutVersion) +
         ", numerics " + std::to_string(spec::kNumericsVersion) + ")\n";
}

Result<Outcome> succeeded(const Status& status) {
  if (!status) return status.error();
  return Outcome{};
}

Result<Outcome> run_mode(const Arguments& arguments, const Model& model, Session& session, Output& output,
                         const Warn& warn) {
  if (arguments.mode == Mode::kSelfTest) return run_self_test(arguments, session, output);
  if (arguments.mode == Mode::kVerify) return run_verify(arguments, model, session, output, warn);
  if (arguments.mode == Mode::kCertificate) return run_certificate(arguments, model, session, output, warn);
  if (!arguments.counters.empty()) return answer_counted(arguments, model, session, output, warn);
  LineInput input(STDIN_FILENO, "standard input");
  return succeeded(answer_lines(arguments, model, session, input, output, warn));
}

Result<Outcome> run_with_session(const Arguments& arguments, Output& output) {
  Result<Model> model = Model::open(arguments.model);
  if (!model) return model.error();
  if (arguments.mode == Mode::kInfo) return succeeded(show_info(arguments, *model, output));
  Result<OpenedSession> opened = open_session(arguments, *model);
  if (!opened) return opened.error();
  const auto warn = [](std::string_view what) { complain("warning: " + std::string(what)); };
  Result<Outcome> outcome = run_mode(arguments, *model, opened->session, output, warn);
  const Status gpu = opened->gpu_failure();
  if (gpu || !outcome) return outcome;
  if (arguments.mode != Mode::kAnswer) return gpu.error();  // a proof about the GPU that the CPU gave is none
  warn(gpu.error().message + "\nThe CPU gave the later answers, with the same bits");
  return outcome;
}

Result<Outcome> run(const Arguments& arguments, Output& output) {
  if (arguments.mode == Mode::kHelp) output.write(help_text());
  if (arguments.mode == Mode::kVersion) output.write(version_text());
  if (arguments.mode == Mode::kHelp || arguments.mode == Mode::kVersion) return Outcome{};
  if (arguments.mode == Mode::kBench) {
    LineInput input(STDIN_FILENO, "standard input");
    return succeeded(run_bench(arguments, isatty(STDIN_FILENO) != 0 ? nullptr : &input, output));
  }
  return run_with_session(arguments, output);
}

// What a fault of writing results makes of `code`.
ExitCode unless_unwritten(ExitCode code, Output& output) {
  output.flush();
  if (output.status()) return code;
  complain(output.status().error().message);
  return exit_code_of_writing(output.status().error().code);
}

// A model, or a folder with the state of updates: then its current model, which has proven itself if all went well.
Result<Outcome> run_named(Arguments arguments, Output& output) {
#ifdef NOGGIN_WITH_UPDATE
  const std::string named = arguments.model;
  Result<std::string> model = model_of(named);
  if (!model) return model.error();
  arguments.model = *model;
#endif
  const Result<Outcome> outcome = run(arguments, output);
#ifdef NOGGIN_WITH_UPDATE
  if (outcome && outcome->passed && arguments.mode != Mode::kInfo) {
    if (Status status = confirm_model(named); !status) return status.error();
  }
#endif
  return outcome;
}

ExitCode main_with_exceptions(int count, char** values) {
  const std::vector<std::string_view> words(values + (count > 0 ? 1 : 0), values + count);
  Output output(STDOUT_FILENO);
#ifdef NOGGIN_WITH_UPDATE
  if (const auto done = update_command(words, output)) {
    if (*done) return unless_unwritten(**done, output);
    complain(done->error().message);
    return exit_code_of_writing(done->error().code);
  }
#endif
  const Result<Arguments> arguments = parse_arguments(words);
  if (!arguments) return fail(arguments.error());
  const Result<Outcome> outcome = run_named(*arguments, output);
  if (!outcome) return output.flush(), fail(outcome.error());
  if (!outcome->output) {
    output.flush();
    complain(outcome->output.error().message);
    return exit_code_of_writing(outcome->output.error().code);
  }
  return unless_unwritten(outcome->passed ? ExitCode::kOk : ExitCode::kGate, output);
}

}  // namespace
}  // namespace noggin::run_tool

int main(int count, char** values) {
  noggin::let_writes_fail();
  const auto number = [](noggin::ExitCode code) { return static_cast<int>(code); };
  try {
    return number(noggin::run_tool::main_with_exceptions(count, values));
  } catch (const std::bad_alloc&) {
    noggin::run_tool::complain("out of memory");
    return number(noggin::ExitCode::kOutOfSpace);
  } catch (const std::exception& exception) {
    noggin::run_tool::complain(exception.what());
    return number(noggin::ExitCode::kFailure);
  }
}
