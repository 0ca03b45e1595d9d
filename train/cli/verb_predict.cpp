// Text lines in, answers out, with the runtime that ships.
#include <fstream>
#include <iostream>

#include <fmt/format.h>

#include "noggin/engine.h"
#include "train/cli/verbs.h"

namespace noggin::cli {
namespace {

void answer(const Model& model, Session& session, const std::string& text, bool json, std::ostream& out) {
  const Answer answer = session.classify(text);
  const std::string label(model.labels()[answer.label]);
  if (json) {
    const Json line = {{"text", text}, {"label", label}, {"probability", answer.probability}};
    out << line.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
  } else {
    out << fmt::format("{}\t{:.4f}\n", label, answer.probability);
  }
}

}  // namespace

Options predict_options() {
  namespace po = boost::program_options;
  Options options("Options");
  options.add_options()("input", po::value<std::string>()->value_name("FILE"), "read lines from a file instead of stdin")(
      "kernels", po::value<std::string>()->value_name("NAME"), "kernel set: reference, avx2, ... (default: the best)");
  return options;
}

train::ExitCode predict(const Arguments& arguments, Console& console) {
  arguments.refuse_overrides();
  const std::string path = arguments.only_file("model");
  const Model model = train::value_or_throw(Model::open(path));
  Session session = train::value_or_throw(Session::create(model, arguments.text_or("kernels", "")));
  std::ifstream file;
  if (const auto input = arguments.text("input")) {
    file.open(*input);
    if (!file) throw train::Failure(train::ExitCode::kBadData, *input + " cannot be read");
  }
  std::istream& lines = file.is_open() ? static_cast<std::istream&>(file) : std::cin;
  std::uint64_t count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    if (line.ends_with('\r')) line.pop_back();
    answer(model, session, line, console.json(), console.results());
    console.results().flush();  // someone may be typing
  }
  Summary summary;
  summary.inputs = {path};
  summary.figures = {{"lines", train::format_count(count)}, {"kernels", session.kernel_set()}};
  console.finish_quietly(summary);
  return train::ExitCode::kOk;
}

}  // namespace noggin::cli
