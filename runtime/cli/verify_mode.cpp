#include <unistd.h>

#include <optional>
#include <vector>

#include "bytes/content_hash.h"
#include "bytes/foreign_text.h"
#include "bytes/hex.h"
#include "cli/modes.h"
#include "cli/parity.h"
#include "engine/answer.h"
#include "format/reader.h"
#include "prediction/json_writer.h"
#include "streams/poll_retry.h"

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

// bound: the file names this model and these rows.
void append_summary(const ParitySummary& summary, bool bound, bool json, const char* kernels, std::string& out) {
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
    object.raw("bound", bound ? "true" : "false").text("kernels", kernels).finish();
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
  if (bound) out += "\nfile                 names this model and these rows";
  out += summary.equal() ? "\nequal to the last bit\n" : "\nNOT equal\n";
}

// The whole file, from its first byte.
Status check_expected_hash(int descriptor, const Arguments& arguments) {
  if (arguments.expect.empty()) return {};
  ContentHasher hash;
  std::vector<char> piece(std::size_t{1} << 16);
  const auto read_piece = [&] { return read(descriptor, piece.data(), piece.size()); };
  while (const ssize_t count = retry_when_ready(descriptor, POLLIN, read_piece)) {
    if (count < 0) return Error{ErrorCode::kIo, arguments.parity + ": cannot be read"};
    hash.update(piece.data(), static_cast<std::size_t>(count));
  }
  if (hex(hash.digest()) != arguments.expect) {
    return Error{ErrorCode::kBadData, arguments.parity + ": has the hash " + hex(hash.digest()) +
                                          ", not the expected " + arguments.expect +
                                          ". Fix: use the parity file that the certificate names"};
  }
  if (lseek(descriptor, 0, SEEK_SET) == 0) return {};
  return Error{ErrorCode::kInvalidArgument, arguments.parity + ": --expect needs a file that can be read twice"};
}

// Compares the header with the model and, at the end, with the rows that were read.
class Binding {
 public:
  Binding(const Arguments& arguments, const Model& model, const Warn& warn)
      : path_(arguments.parity), model_(model), warn_(warn) {}

  // Each line; true if it is the header.
  Result<bool> take(std::string_view line) {
    if (first_) {
      first_ = false;
      const Result<std::optional<ParityHeader>> header = parse_parity_header(line);
      if (!header) return Error{header.error().code, path_ + ":1: " + header.error().message};
      header_ = *header;
      if (header_) return check_model();
      warn_(path_ +
            " does not say which model and rows it belongs to (an earlier version wrote it): rows may be missing "
            "or changed");
    }
    hash_.update(line.data(), line.size());
    hash_.update("\n", 1);
    return false;
  }

  Status finish(std::size_t rows) const {
    if (!header_) return {};
    if (rows != header_->rows) {
      return Error{ErrorCode::kBadData, path_ + ": has " + std::to_string(rows) + " rows, its first line says " +
                                            std::to_string(header_->rows) + ". Fix: use the file as it was exported"};
    }
    if (hash_.digest() == header_->rows_hash) return {};
    return Error{ErrorCode::kBadData,
                 path_ + ": its rows are not those it was exported with. Fix: use the file as it was exported"};
  }

  bool bound() const { return header_.has_value(); }

 private:
  Result<bool> check_model() const {
    if (header_->model_content_hash == model_.content_hash()) return true;
    return Error{ErrorCode::kBadData, path_ + ": belongs to the model with the content hash " +
                                          hex(header_->model_content_hash) + ", this one has " +
                                          hex(model_.content_hash()) +
                                          ". Fix: use the parity file that was exported with this model"};
  }

  const std::string& path_;
  const Model& model_;
  const Warn& warn_;
  bool first_ = true;
  std::optional<ParityHeader> header_;
  ContentHasher hash_;
};

}  // namespace

Result<Outcome> run_verify(const Arguments& arguments, const Model& model, Session& session, Output& output,
                           const Warn& warn) {
  const Result<ReadableDescriptor> file = ReadableDescriptor::open(arguments.parity);
  if (!file) return file.error();
  if (Status status = check_expected_hash(file->descriptor(), arguments); !status) return status.error();
  LineInput lines(file->descriptor(), arguments.parity);
  Binding binding(arguments, model, warn);
  ParitySummary summary(model.view().decision, model.labels().size());
  std::string prediction_changes;
  std::string_view line;
  while (lines.next(line)) {
    if (is_blank(line)) continue;
    const Result<bool> is_header = binding.take(line);
    if (!is_header) return is_header.error();
    if (*is_header) continue;
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
  if (Status status = binding.finish(summary.rows); !status) return status.error();
  if (summary.rows == 0) {
    return Error{ErrorCode::kBadData, arguments.parity + ": holds no rows, so it verifies nothing"};
  }
  if (summary.prediction_changes > kMaxListedChanges)
    prediction_changes += "... " + std::to_string(summary.prediction_changes - kMaxListedChanges) + " more flips\n";
  std::string text;
  if (!arguments.json) text = prediction_changes;
  append_summary(summary, binding.bound(), arguments.json, session.kernel_set(), text);
  output.write(printable(text));
  return Outcome{summary.equal()};
}

}  // namespace noggin::run_tool
