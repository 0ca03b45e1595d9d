// Text lines in, answers out, with the shipped runtime.
#include <fmt/format.h>

#include <fstream>
#include <iostream>

#include "format/reader.h"
#include "noggin/engine.h"
#include "train/cli/verbs.h"
#include "train/task/task_reader.h"

namespace noggin::tool {
namespace {

using train::value_or_throw;

// How to print an answer: its fields, or the text with spans masked.
enum class Form { kAnswer, kMask };

Json spans_json(const Model& model, Session& session, const std::string& text, std::vector<TaggedSpan>& scratch) {
  std::size_t found = value_or_throw(session.tag(text, scratch));
  if (found > scratch.size()) {
    scratch.resize(found);
    found = value_or_throw(session.tag(text, scratch));
  }
  Json spans = Json::array();
  for (const TaggedSpan& span : std::span(scratch).first(found)) {
    spans.push_back({{"start", span.place.begin},
                     {"end", span.place.end},
                     {"type", model.span_types()[span.type]},
                     {"text", text.substr(span.place.begin, span.place.end - span.place.begin)},
                     {"probability", span.probability}});
  }
  return spans;
}

Json labels_json(const Model& model, Session& session, const std::string& text) {
  const auto probabilities = value_or_throw(session.probabilities(text));
  Json labels = Json::array();
  for (const std::int32_t c : train::TaskReader::above_thresholds(probabilities, model.view().decision.thresholds)) {
    const auto index = static_cast<std::size_t>(c);
    labels.push_back({{"label", model.labels()[index]}, {"probability", probabilities[index]}});
  }
  return labels;
}

// The answer's fields, without the text.
Json answer_json(const Model& model, Session& session, const std::string& text, std::vector<TaggedSpan>& scratch) {
  switch (model.task()) {
    case spec::TaskKind::kTag:
      return {{"spans", spans_json(model, session, text, scratch)}};
    case spec::TaskKind::kEdit:
      return {{"edited", value_or_throw(session.edit(text))}};
    case spec::TaskKind::kMultiLabel:
      return {{"labels", labels_json(model, session, text)}};
    case spec::TaskKind::kScore: {
      const float score = value_or_throw(session.classify(text)).probability;
      return {{"score", score}, {"yes", score >= model.threshold(0)}};
    }
    case spec::TaskKind::kSingleLabel:
      break;
  }
  const Answer answer = value_or_throw(session.classify(text));
  Json json = {{"label", model.labels()[answer.label]}, {"probability", answer.probability}};
  if (answer.abstained) json["abstained"] = true;
  return json;
}

// The same in one line for people.
std::string answer_text(spec::TaskKind task, const Json& answer) {
  std::string line;
  const auto add = [&line](const std::string& part) { line += (line.empty() ? "" : "\t") + part; };
  switch (task) {
    case spec::TaskKind::kTag:
      for (const Json& span : answer.at("spans")) {
        add(fmt::format("{}[{},{}) {}", span.at("type").get<std::string>(), span.at("start").get<std::size_t>(),
                        span.at("end").get<std::size_t>(), span.at("text").get<std::string>()));
      }
      return line;
    case spec::TaskKind::kEdit:
      return answer.at("edited");
    case spec::TaskKind::kMultiLabel:
      for (const Json& label : answer.at("labels")) {
        add(fmt::format("{} {:.4f}", label.at("label").get<std::string>(), label.at("probability").get<double>()));
      }
      return line;
    case spec::TaskKind::kScore:
      return fmt::format("{:.4f}\t{}", answer.at("score").get<double>(), answer.at("yes").get<bool>() ? "yes" : "no");
    case spec::TaskKind::kSingleLabel:
      break;
  }
  return fmt::format("{}{}\t{:.4f}", answer.contains("abstained") ? "abstain: " : "",
                     answer.at("label").get<std::string>(), answer.at("probability").get<double>());
}

void print_answer(const Model& model, Session& session, const std::string& text, Form form, bool json,
                  std::vector<TaggedSpan>& scratch, std::ostream& out) {
  if (form == Form::kMask) {
    const std::string masked = value_or_throw(session.mask(text));
    out << (json ? Json{{"masked", masked}}.dump(-1, ' ', false, Json::error_handler_t::replace) : masked) << '\n';
    return;
  }
  Json answer = answer_json(model, session, text, scratch);
  if (!json) {
    out << answer_text(model.task(), answer) << '\n';
    return;
  }
  Json line = {{"text", text}};
  line.update(answer);
  out << line.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
}

}  // namespace

Options predict_options() {
  namespace po = boost::program_options;
  Options options("Options");
  options.add_options()("input", po::value<std::string>()->value_name("FILE"),
                        "read lines from a file instead of stdin")(
      "mask", "print each line with the spans found replaced by their type, as [PERSON]")(
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
  const Form form = arguments.has("mask") ? Form::kMask : Form::kAnswer;
  std::vector<TaggedSpan> scratch;
  std::uint64_t count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    if (line.ends_with('\r')) line.pop_back();
    print_answer(model, session, line, form, console.json(), scratch, console.results());
    console.results().flush();  // someone may be typing
  }
  Summary summary;
  summary.inputs = {path};
  summary.figures = {{"lines", train::format_count(count)}, {"kernels", session.kernel_set()}};
  console.finish_quietly(summary);
  return train::ExitCode::kOk;
}

}  // namespace noggin::tool
