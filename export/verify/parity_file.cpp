#include "export/verify/parity_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "bytes/float_hash.h"
#include "bytes/hex.h"

namespace noggin::exporter {
namespace {

// Nine significant digits identify every float. "-0" would be read as an integer, which has no signed zero.
std::string json_number(float value) {
  return value == 0.0F && std::signbit(value) ? "-0.0" : fmt::format("{:.9g}", value);
}

std::string logits_text(std::span<const float> logits) {
  std::vector<std::string> numbers;
  for (const float logit : logits) numbers.push_back(json_number(logit));
  return fmt::format("\"logits\":[{}]", fmt::join(numbers, ","));
}

std::string hash_text(std::span<const std::uint32_t> token_ids, std::span<const float> logits) {
  const std::string ids =
      token_ids.empty() ? std::string() : fmt::format("\"token_ids\":[{}],", fmt::join(token_ids, ","));
  return fmt::format("{}\"logits_xxh3\":\"{}\"", ids, hex(float_hash(logits)));
}

// Always of the same length, so that it can be written over.
std::string header_line(std::uint64_t model, std::uint64_t rows, std::uint64_t rows_hash) {
  return fmt::format("{{\"parity\":1,\"model_content_hash\":\"{}\",\"rows\":{:>12},\"rows_xxh3\":\"{}\"}}\n",
                     hex(model), rows, hex(rows_hash));
}

}  // namespace

Result<ParityFile> ParityFile::create(const std::string& path, const std::vector<std::string>& labels) {
  Result<AtomicFile> file = AtomicFile::create(path);
  if (!file) return file.error();
  if (Status status = file->append(header_line(0, 0, 0)); !status) return status.error();
  return ParityFile(*std::move(file), labels);
}

Status ParityFile::add(const Chunk& chunk, const train::DatasetLogits& logits) {
  const data::ExampleTable& rows = chunk.all.rows;
  const train::ModelInputs& inputs = chunk.all.inputs;
  const bool many = chunk.all.classes > kMostParityClasses;
  for (std::size_t row = chunk.begin; row < chunk.end; ++row) {
    const std::size_t sequence = inputs.row_sequences[row];
    if (inputs.row_sequences[row + 1] - sequence != 1) continue;
    const std::span<const float> mine = logits.sequence(sequence);
    const std::int32_t label = spec::traits_of(rows.task).is_classification() ? rows.label[row] : -1;
    const nlohmann::ordered_json head{
        {"id", rows.id_of(row)},
        {"text", rows.text_of(row)},
        {"label",
         label < 0 ? nlohmann::ordered_json() : nlohmann::ordered_json(labels_[static_cast<std::size_t>(label)])}};
    std::string line = head.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
    line.pop_back();
    line += fmt::format(",{}}}\n", many ? hash_text(inputs.ids(sequence), mine) : logits_text(mine));
    if (Status status = file_.append(line); !status) return status;
    ++rows_;
    hash_.update(line.data(), line.size());
  }
  return {};
}

Status ParityFile::finish(std::uint64_t model_content_hash) {
  if (Status status = file_.replace_start(header_line(model_content_hash, rows_, hash_.digest())); !status)
    return status;
  return file_.commit();
}

}  // namespace noggin::exporter
