// Text lines in, answers out, with the shipped runtime.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include "bytes/text_unit.h"
#include "noggin/engine.h"
#include "prediction/answer_lines.h"
#include "train/cli/verbs.h"

namespace noggin::tool {
namespace {

std::optional<TextUnit> unit_of(const Arguments& arguments) {
  const auto name = arguments.text("unit");
  if (!name) return std::nullopt;
  if (const auto unit = text_unit_of(*name)) return unit;
  throw train::Failure(train::ExitCode::kUsage,
                       fmt::format("--unit is \"{}\", must be one of {}", *name, fmt::join(kTextUnitNames, ", ")));
}

// An edit model's answer is the edited text; a tagger's with --mask the masked one, which stands alone.
runtime::PrintOptions print_options(const Arguments& arguments, const Model& model, bool json) {
  const bool mask = arguments.has("mask");
  const bool edit = !mask && spec::traits_of(model.task()).answers(spec::Call::kEdit);
  return {.form = mask ? runtime::Form::kMasked : (edit ? runtime::Form::kEdited : runtime::Form::kAnswer),
          .json = json,
          .text = !mask,
          .unit = unit_of(arguments)};
}

// A file named on the command line, or standard input.
struct Source {
  std::optional<ReadableDescriptor> file;
  LineInput lines;

  static Source open(const std::optional<std::string>& path) {
    if (!path) return {std::nullopt, LineInput(STDIN_FILENO, "standard input")};
    ReadableDescriptor file = train::value_or_throw(ReadableDescriptor::open(*path));
    const int descriptor = file.descriptor();
    return {std::move(file), LineInput(descriptor, *path)};
  }
};

}  // namespace

Options predict_options() {
  namespace po = boost::program_options;
  Options options("Options");
  options.add_options()("input", po::value<std::string>()->value_name("FILE"),
                        "read lines from a file instead of stdin")(
      "jsonl", "read {\"text\"} or {\"id\",\"text\"} instead of lines of text; implies --json")(
      "mask", "print each line with the spans found replaced by their type, as [PERSON]")(
      "unit", po::value<std::string>()->value_name("UNIT"),
      "with --json: what start and end of a span count: byte (default), code_point or utf16")(
      "kernels", po::value<std::string>()->value_name("NAME"), "kernel set: reference, avx2, ... (default: the best)");
  return options;
}

train::ExitCode predict(const Arguments& arguments, Console& console) {
  arguments.refuse_overrides();
  const std::string path = arguments.only_file("model");
  if (path.ends_with(".ckpt")) {
    throw train::Failure(train::ExitCode::kUsage,
                         path +
                             " is a checkpoint, but predict needs an exported model. Fix: `noggin export` "
                             "its run, then predict with export/model.nog");
  }
  const Model model = train::value_or_throw(Model::open(path));
  Session session = train::value_or_throw(Session::create(model, arguments.text_or("kernels", "")));
  const bool objects = arguments.has("jsonl");
  const runtime::PrintOptions print = print_options(arguments, model, objects || console.json());
  train::throw_unless_ok(runtime::check_print_options(print, model));
  Source source = Source::open(arguments.text("input"));
  console.results() << std::flush;  // from here on through `output`
  Output output(STDOUT_FILENO);
  const auto warn = [&](std::string_view what) { console.progress().warn(std::string(what)); };
  const Status answered = runtime::answer_lines({print, objects, warn}, model, session, source.lines, output);
  output.flush();
  train::throw_unless_ok(answered);
  train::throw_unless_written(output.status());
  Summary summary;
  summary.inputs = {path};
  summary.figures = {{"lines", train::format_count(source.lines.line_number())}, {"kernels", session.kernel_set()}};
  console.finish_quietly(summary);
  return train::ExitCode::kOk;
}

}  // namespace noggin::tool
