// What the stages of an ingest cost a row, beside the floors: the same rows in memory through memchr, XXH3 and simdjson
// alone. Stages are measured cumulatively, in one process, each as the best of three passes over the file,
// in processor time: other programs on the machine do not count.
//
// Usage: ingest_stages FOLDER [ROUNDS] [STAGE]
//   FOLDER  of generate.py; the file should fit the page cache
//   STAGE   only those with this in their name, for a profiler
#include <fmt/format.h>

#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <sstream>

#include "bytes/content_hash.h"
#include "data/answers/read_answer.h"
#include "data/encoding/row_encoder.h"
#include "data/ingest/ingest_plan.h"
#include "data/json/json_row.h"
#include "data/lines/line_reader.h"
#include "data/logs/row_finder.h"
#include "data/logs/teacher_distribution.h"
#include "data/parts/log_parts.h"
#include "data/vocabulary/vocabulary.h"

namespace {

using namespace noggin;

template <typename T>
T must(Result<T> result) {
  if (result) return *std::move(result);
  std::cerr << result.error().message << '\n';
  std::exit(1);
}

class Table {
 public:
  Table(double bytes, int rounds, std::string only) : bytes_(bytes), rounds_(rounds), only_(std::move(only)) {}

  bool has(const std::string& name) const { return name.find(only_) != std::string::npos; }
  void measure(const std::string& name, const std::function<std::uint64_t()>& pass) {
    if (!has(name)) return;
    double best = 1e9;
    for (int round = 0; round < rounds_; ++round) {
      const std::clock_t start = std::clock();
      rows_ = std::max(rows_, pass());
      best = std::min(best, static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC);
    }
    std::cout << fmt::format("| {} | {:.2f} | {:.0f} |\n", name, best * 1e6 / static_cast<double>(rows_),
                             bytes_ / best / 1e6)
              << std::flush;
  }

 private:
  double bytes_;
  int rounds_;
  std::string only_;
  std::uint64_t rows_ = 0;
};

std::string contents_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

template <typename Use>
std::uint64_t each_in_memory(std::string_view text, const Use& use) {
  std::uint64_t rows = 0;
  for (const char *at = text.data(), *end = at + text.size(); at < end; ++rows) {
    const auto* line_end = static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(end - at)));
    use(std::string_view(at, static_cast<std::size_t>(line_end - at)));
    at = line_end + 1;
  }
  return rows;
}

template <typename Use>
std::uint64_t each_line(const std::string& path, const Use& use) {
  data::LineReader reader = must(data::LineReader::open_any(path));
  std::uint64_t rows = 0;
  for (;; ++rows) {
    const std::optional<data::Line> line = must(reader.next());
    if (!line) return rows;
    use(*line);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: ingest_stages FOLDER [ROUNDS] [STAGE]\n";
    return 2;
  }
  const std::string folder = argv[1], log = folder + "/log.jsonl";
  const int rounds = argc > 2 ? std::stoi(argv[2]) : 3;
  std::vector<std::string> names;
  for (std::ifstream file(folder + "/labels.txt"); file;) {
    std::string name;
    if (std::getline(file, name) && !name.empty()) names.push_back(name);
  }
  const data::LabelSet labels = must(data::LabelSet::create(names));
  const data::VocabularyOptions vocabulary;
  const runtime::TokenizerContents pieces = must(data::read_vocabulary(folder + "/vocab.txt", vocabulary));

  const std::size_t bytes = std::filesystem::file_size(log);
  Table table(static_cast<double>(bytes), rounds, argc > 3 ? argv[3] : "");
  std::cout << "| of the same rows | us a row | MB/s |\n|---|---|---|\n";
  std::uint64_t sum = 0;
  std::string text;
  const auto all = [&]() -> std::string_view {  // read in the first round that needs it
    if (text.empty()) text = contents_of(log).append(data::kLinePadding, '\0');
    return {text.data(), bytes};
  };
  table.measure("floor: memchr for line ends",
                [&] { return each_in_memory(all(), [&](std::string_view line) { sum += line.size(); }); });
  table.measure("floor: XXH3-64", [&] {
    sum += content_hash(all().data(), bytes);
    return std::uint64_t{0};
  });
  simdjson::dom::parser parser;
  table.measure("floor: simdjson, one tree a line", [&] {
    return each_in_memory(all(), [&](std::string_view line) {
      sum += parser.parse(line.data(), line.size(), false).value().is_object() ? 1 : 0;
    });
  });
  text.clear();
  text.shrink_to_fit();

  table.measure("read, hash, cut into lines",
                [&] { return each_line(log, [&](const data::Line& line) { sum += line.text.size(); }); });
  data::JsonRow json;
  table.measure("+ parse",
                [&] { return each_line(log, [&](const data::Line& line) { sum += json.parse(line).index(); }); });
  data::RowFinder finder;
  data::FoundRow found;
  const auto find = [&](const data::Line& line) { finder.find(std::get<data::JsonValue>(json.parse(line)), found); };
  table.measure("+ find request, answer and tokens", [&] { return each_line(log, find); });
  data::AnswerReading reading;
  data::TeacherDistribution teacher;
  const auto read = [&](const data::Line& line) {
    find(line);
    if (const data::Trouble trouble = data::read_answer(found.answer, labels, {}, reading)) {
      std::cerr << "line " << line.number << ": " << trouble->detail << '\n';
      std::exit(1);
    }
    teacher = data::distribution_of(reading.classes, 32);
  };
  table.measure("+ read the answer", [&] { return each_line(log, read); });
  const auto section = must(runtime::serialize_tokenizer(pieces));
  const auto tokenizer = must(runtime::WordPieceTokenizer::bind(section));
  std::vector<std::uint32_t> ids(129);
  table.measure("+ tokenize the text", [&] {
    return each_line(log, [&](const data::Line& line) {
      read(line);
      sum += tokenizer.encode(found.text, ids);
    });
  });
  const std::string output = folder + "/stages_out";
  const std::string into_parts = "+ read the answer, into parts";
  const std::uint64_t rows = table.has(into_parts) ? each_line(log, [](const data::Line&) {}) : 0;
  const auto remove_parts = [&output] { std::filesystem::remove_all(output + "/parts"); };
  table.measure(into_parts, [&] {
    remove_parts();
    const data::IngestOptions options;
    data::LogParts parts({.folder = output + "/parts"}, options);
    const auto schema = must(data::RowSchema::create(spec::TaskKind::kSingleLabel, labels, options.top_k));
    const data::Source source{.path = log};
    std::filesystem::create_directories(output);
    if (const Status made = parts.make({{{&source, log}, &schema}}); !made) {
      std::cerr << made.error().message << '\n';
      std::exit(1);
    }
    return rows;
  });
  const auto ingest = [&] {
    data::IngestPlan plan;
    plan.labels = labels;
    plan.splits = {{"train", {{.path = log}}, true}};
    plan.tokenizer = pieces;
    plan.max_tokens = 128;
    plan.output_folder = output;
    plan.replace = true;
    return must(data::ingest(plan)).splits[0].counts.accepted;
  };
  table.measure("all of data::ingest", [&] {
    remove_parts();
    return ingest();
  });
  table.measure("the same from its parts", ingest);
  std::filesystem::remove_all(output);
  std::cerr << "checksum " << sum << '\n';
  return 0;
}
