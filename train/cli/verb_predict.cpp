// Text lines in, answers out, with the shipped runtime.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <fstream>
#include <iostream>

#include "bytes/byte_order_mark.h"
#include "bytes/text_unit.h"
#include "noggin/engine.h"
#include "prediction/answer_printer.h"
#include "train/cli/verbs.h"

namespace noggin::tool {
namespace {

// What places of spans count; `printed`: whether the answers have places.
TextUnit unit_of(const Arguments& arguments, const spec::TaskTraits& task, bool printed) {
  const auto name = arguments.text("unit");
  if (!name) return TextUnit::kByte;
  if (!printed || !task.per_token())
    throw train::Failure(train::ExitCode::kUsage,
                         "--unit is for the spans of a tagger with --json. Fix: remove it, or add --json");
  const auto unit = text_unit_of(*name);
  if (!unit)
    throw train::Failure(train::ExitCode::kUsage,
                         fmt::format("--unit is \"{}\", must be one of {}", *name, fmt::join(kTextUnitNames, ", ")));
  return *unit;
}

// An edit model's answer is the edited text; a tagger's with --mask the masked one, which stands alone.
runtime::PrintOptions print_options(const Arguments& arguments, const Model& model, bool json) {
  const spec::TaskTraits& task = spec::traits_of(model.task());
  const bool mask = arguments.has("mask");
  if (mask && !task.answers(spec::Call::kMask)) {
    throw train::Failure(train::ExitCode::kUsage,
                         fmt::format("--mask is for models of the task tag, this model's is {}", task.name));
  }
  const bool rewritten = mask || task.answers(spec::Call::kEdit);
  return {.form = rewritten ? runtime::Form::kRewritten : runtime::Form::kAnswer,
          .json = json,
          .text = !mask,
          .unit = unit_of(arguments, task, json && !rewritten)};
}

}  // namespace

Options predict_options() {
  namespace po = boost::program_options;
  Options options("Options");
  options.add_options()("input", po::value<std::string>()->value_name("FILE"),
                        "read lines from a file instead of stdin")(
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
  std::ifstream file;
  if (const auto input = arguments.text("input")) {
    file.open(*input);
    if (!file) throw train::Failure(train::ExitCode::kBadData, *input + " cannot be read");
  }
  std::istream& lines = file.is_open() ? static_cast<std::istream&>(file) : std::cin;
  runtime::AnswerPrinter printer(model, session, print_options(arguments, model, console.json()));
  std::uint64_t count = 0;
  std::string out;
  for (std::string line; std::getline(lines, line); ++count) {
    if (line.ends_with('\r')) line.pop_back();
    const std::string_view text = count == 0 ? without_byte_order_mark(line) : std::string_view(line);
    out.clear();
    train::throw_unless_ok(printer.print(std::span(&text, 1), out, [] {}));
    console.results() << out << std::flush;  // someone may be typing
  }
  Summary summary;
  summary.inputs = {path};
  summary.figures = {{"lines", train::format_count(count)}, {"kernels", session.kernel_set()}};
  console.finish_quietly(summary);
  return train::ExitCode::kOk;
}

}  // namespace noggin::tool
