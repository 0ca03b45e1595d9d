// Documents that are needed again when what belongs to them arrives. A document of a plain file is read again at its
// place, 16 bytes each; those of compressed and converted files are held in memory.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "data/lines/line_reader.h"
#include "noggin/result.h"

namespace noggin::data {

class KeptDocuments {
 public:
  struct Place {
    std::uint64_t offset = 0;
    std::uint32_t length = 0;
    std::uint32_t file = 0;  // index of files_
  };

  KeptDocuments();
  KeptDocuments(KeptDocuments&&) noexcept;
  KeptDocuments& operator=(KeptDocuments&&) noexcept;
  ~KeptDocuments();

  // The file of the documents that are kept from now on. rereadable: its documents can be read at their offsets.
  Status begin_file(const std::string& path, bool rereadable);
  Place keep(const Line& line);
  // The document with kLinePadding bytes behind it, in `buffer`. kIo if the file has become shorter.
  Result<std::string_view> get(const Place& place, std::string& buffer) const;
  const std::string& path(const Place& place) const;

 private:
  struct File;
  std::vector<std::unique_ptr<File>> files_;
  std::string texts_;  // of files that cannot be read again
};

}  // namespace noggin::data
