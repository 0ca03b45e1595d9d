#include "cli/modes.h"
#include "cli/parity.h"
#include "engine/answer.h"
#include "format/reader.h"
#include "prediction/json_writer.h"

namespace noggin::run_tool {
namespace {

constexpr std::size_t kMaxListedChanges = 20;

bool is_blank(std::string_view line) { return line.find_first_not_of(" \t") == std::string_view::npos; }

void append_change(const ParityRow& row, const Model& model, std::span<const float> logits, std::string& out) {
  out += "flip: " + row.id + "\t";
  if (spec::traits_of(model.task()).abstains) {
    out += std::string(model.labels()[runtime::argmax(row.logits)]) + " -> " +
           std::string(model.labels()[runtime::argmax(logits)]) + "\t";
  }
  append_json_string(row.text, out);
  out += '\n';
}

void append_summary(const ParitySummary& summary, bool json, const char* kernels, std::string& out) {
  std::string accuracy = "null";  // no row has a gold label
  if (summary.labelled_rows > 0) {
    accuracy.clear();
    append_json_fixed(static_cast<double>(summary.correct) / static_cast<double>(summary.labelled_rows), 6, accuracy);
  }
  if (json) {
    JsonObject object(out);
    object.integer("rows", summary.rows)
        .raw("accuracy", accuracy)
        .integer("flips", summary.prediction_changes)
        .integer("differing_bits_rows", summary.differing_bits_rows)
        .number("max_abs_logit_diff", summary.max_abs_logit_diff);
    if (summary.hashed_rows > 0) object.integer("hashed_rows", summary.hashed_rows);
    if (summary.other_tokens_rows > 0) object.integer("other_tokens_rows", summary.other_tokens_rows);
    object.text("kernels", kernels).finish();
    out += '\n';
    return;
  }
  out += "kernels              " + std::string(kernels) + "\nrows                 " + std::to_string(summary.rows) +
         "\naccuracy             " + accuracy + " (" + std::to_string(summary.labelled_rows) +
         " rows with a gold label)\nflipped answers      " + std::to_string(summary.prediction_changes) +
         "\nrows, differing bits " + std::to_string(summary.differing_bits_rows) + "\nmax |logit diff|     ";
  append_json_float(summary.max_abs_logit_diff, out);
  if (summary.hashed_rows > 0) {
    out += "\nrows known by hash   " + std::to_string(summary.hashed_rows) +
           " (their flips and differences are not known)";
  }
  if (summary.other_tokens_rows > 0) out += "\nrows, other tokens   " + std::to_string(summary.other_tokens_rows);
  out += summary.equal() ? "\nequal to the last bit\n" : "\nNOT equal\n";
}

}  // namespace

Result<Outcome> run_verify(const Arguments& arguments, const Model& model, Session& session, Output& output) {
  const Result<InputFile> file = InputFile::open(arguments.parity);
  if (!file) return file.error();
  LineInput lines(file->descriptor(), arguments.parity);
  ParitySummary summary(model.view().decision, model.labels().size());
  std::string prediction_changes;
  std::string_view line;
  while (lines.next(line)) {
    if (is_blank(line)) continue;
    const std::string place = "line " + std::to_string(lines.line_number());
    Result<ParityRow> row = parse_parity_row(line, model.labels(), model.task());
    if (!row) {
      return Error{row.error().code,
                   arguments.parity + ":" + std::to_string(lines.line_number()) + ": " + row.error().message};
    }
    if (row->id.empty()) row->id = place;
    const std::span<const std::uint32_t> tokens = session.tokenize(row->text);
    summary.add_tokens(*row, tokens);
    const Result<std::span<const float>> logits = session.logits(tokens);
    if (!logits) return logits.error();
    const bool changed = summary.add(*row, *logits);
    if (changed && summary.prediction_changes <= kMaxListedChanges)
      append_change(*row, model, *logits, prediction_changes);
  }
  if (!lines.status()) return lines.status().error();
  if (summary.rows == 0) {
    return Error{ErrorCode::kBadData, arguments.parity + ": holds no rows, so it verifies nothing"};
  }
  if (summary.prediction_changes > kMaxListedChanges)
    prediction_changes += "... " + std::to_string(summary.prediction_changes - kMaxListedChanges) + " more flips\n";
  std::string text;
  if (!arguments.json) text = prediction_changes;
  append_summary(summary, arguments.json, session.kernel_set(), text);
  output.write(text);
  return Outcome{summary.equal()};
}

}  // namespace noggin::run_tool
