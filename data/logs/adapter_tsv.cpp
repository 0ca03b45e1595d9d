#include "data/logs/adapter_tsv.h"

#include "data/logs/log_file.h"

namespace noggin::data {
namespace {

Status read_table(const Source& source, char separator, const RowSchema& schema, RowSink& sink) {
  Result<LineReader> reader = LineReader::open_table(source.path, {separator, source.columns});
  if (!reader) return reader.error();
  LogFile file(source, schema, sink);
  while (true) {
    const Result<std::optional<Line>> record = reader->next();
    if (!record) return record.error();
    if (!record->has_value()) break;
    if (Status status = file.read_json(**record); !status) return status;
  }
  if (reader->cut())
    if (Status status = sink.reject(source.path, reader->lines(),
                                    {Reason::kCutCompressedFile, std::string(reader->cut_reason())}, {});
        !status)
      return status;
  sink.finished_file(source.path, reader->stream().file_bytes(), reader->stream().file_hash());
  return {};
}

}  // namespace

Status read_tsv(const Source& source, const RowSchema& schema, RowSink& sink) {
  return read_table(source, '\t', schema, sink);
}

Status read_csv(const Source& source, const RowSchema& schema, RowSink& sink) {
  return read_table(source, '\0', schema, sink);
}

}  // namespace noggin::data
