// Reads the documents of a log that a test wrote, one by one.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "data/lines/line_reader.h"
#include "tests/support/cli_temporary_folder.h"

namespace noggin::tests {

struct DocumentsEnd {
  std::optional<Error> error;              // the file could not be opened, or reading it stopped
  std::optional<data::LineReader> reader;  // at the end; none if it could not be opened
};

inline DocumentsEnd each_document(const std::string& content, const std::function<void(const data::Line&)>& visit) {
  const test::TemporaryFolder folder;
  DocumentsEnd end;
  Result<data::LineReader> opened = data::LineReader::open(folder.write("log", content));
  if (!opened) {
    end.error = opened.error();
    return end;
  }
  end.reader.emplace(*std::move(opened));
  while (true) {
    const Result<std::optional<data::Line>> line = end.reader->next();
    if (!line) end.error = line.error();
    if (!line || !line->has_value()) return end;
    visit(**line);
  }
}

}  // namespace noggin::tests
