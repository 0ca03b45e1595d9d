// noggin: from a teacher's log to a verified small model. Finds the verb, runs it, turns failures into exit codes.
#include <fmt/format.h>
#include <fmt/ostream.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <new>

#include "bytes/foreign_text.h"
#include "streams/signals.h"
#include "train/cli/standard_streams.h"
#include "train/cli/unexpected.h"
#include "train/cli/verbs.h"
#include "train/recipe/nearest_name.h"
#include "train/run/spin_governor.h"

namespace noggin::tool {
namespace {

using train::ExitCode;
using train::Failure;

std::string usage() {
  std::string text = "usage: noggin VERB [arguments]     noggin VERB --help says more\n\n";
  for (const Verb& verb : verbs()) text += fmt::format("  {:<8} {:<37} {}\n", verb.name, verb.synopsis, verb.summary);
  return text +
         "\nexit codes: 0 ok, 1 failure, 2 usage or recipe, 3 bad input data, 4 output exists or is not writable,\n"
         "            5 a gate or verification failed, 6 out of memory or disk, 129/130/143 stopped by a "
         "signal (state saved)\n";
}

std::string help(const Verb& verb) {
  Options options;  // groups with their own captions
  if (const Options own = verb.options(); !own.options().empty()) options.add(own);
  options.add(common_options());
  return fmt::format("usage: noggin {} {}\n{}\n\n{}", verb.name, verb.synopsis, verb.summary, fmt::streamed(options));
}

const Verb& find_verb(const std::string& name) {
  std::vector<std::string> names;
  for (const Verb& verb : verbs()) {
    if (verb.name == name) return verb;
    names.push_back(verb.name);
  }
  throw Failure(ExitCode::kUsage, fmt::format("unknown verb \"{}\"; the nearest is \"{}\". `noggin --help` lists all",
                                              name, train::nearest_name(name, names)));
}

train::ProgressOptions progress_options(const Arguments& arguments) {
  train::ProgressOptions options;
  options.terminal = ::isatty(STDERR_FILENO) == 1;
  const char* no_colour = std::getenv("NO_COLOR");
  options.colour = options.terminal && (no_colour == nullptr || *no_colour == '\0');
  if (arguments.has("verbose")) options.verbosity = train::Verbosity::kVerbose;
  if (arguments.has("quiet")) options.verbosity = train::Verbosity::kQuiet;
  return options;
}

ExitCode run_verb(const std::vector<std::string>& words) {
  const Verb& verb = find_verb(words[0]);
  const Arguments arguments({words.begin() + 1, words.end()}, verb.options());
  if (arguments.has("help")) {
    std::cout << help(verb);
    return ExitCode::kOk;
  }
  const train::SpinGovernor governor;
  Console console(std::cout, std::cerr, progress_options(arguments), arguments.has("json"));
  return verb.run(arguments, console);
}

ExitCode dispatch(const std::vector<std::string>& words) {
  if (words.empty()) {
    std::cerr << usage();
    return ExitCode::kUsage;
  }
  if (words[0] == "--help" || words[0] == "-h" || words[0] == "help") {
    std::cout << usage();
    return ExitCode::kOk;
  }
  if (words[0] == "--version") {
    std::cout << "noggin " NOGGIN_VERSION "\n";
    return ExitCode::kOk;
  }
  return run_verb(words);
}

ExitCode complain(const std::string& what, ExitCode code) {
  std::cerr << "noggin: " << printable(what) << std::endl;
  return code;
}

// The one place where exceptions become exit codes. A verb that succeeded but whose results could not be written has
// failed.
ExitCode guarded(const std::vector<std::string>& words) {
  StandardStreams streams;
  try {
    const ExitCode code = dispatch(words);
    train::throw_unless_written(streams.results_written());
    return code;
  } catch (const Failure& failure) {
    return complain(failure.what(), failure.code());
  } catch (const std::bad_alloc&) {
    return complain("out of memory. Fix: use a smaller train.batch_rows", ExitCode::kOutOfSpace);
  } catch (const std::exception& error) {
    const Failure failure = unexpected(error);
    return complain(failure.what(), failure.code());
  }
}

}  // namespace
}  // namespace noggin::tool

int main(int argc, char** argv) {
  noggin::let_writes_fail();
  return static_cast<int>(noggin::tool::guarded({argv + 1, argv + argc}));
}
