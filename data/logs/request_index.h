// The request file of a batch, indexed by custom_id. An uncompressed file is not held in memory: a request costs 25
// bytes (hash, place and length of its line), and its text is read again when its answer arrives; output order is close
// to request order in practice, so the page cache serves most reads. The texts of a compressed file are held in memory:
// decompress a request file that does not fit.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "data/json/json_row.h"
#include "data/logs/row_sink.h"
#include "noggin/result.h"

namespace noggin::data {

enum class RequestState : std::uint8_t { kOpen, kFailed, kAnswered };

class RequestIndex {
 public:
  // Requests that cannot be read are reported to `sink`.
  static Result<RequestIndex> build(const std::string& path, RowSink& sink);
  RequestIndex(RequestIndex&&) noexcept;
  RequestIndex& operator=(RequestIndex&&) noexcept;
  ~RequestIndex();

  std::size_t size() const { return entries_.size(); }
  // The number of the request with this custom_id, or -1.
  std::int64_t find(std::string_view custom_id) const;
  RequestState& state(std::size_t request) { return states_[request]; }
  // The last user message.
  Result<std::string> text(std::size_t request);
  // Requests in state kOpen, in file order.
  std::vector<std::size_t> open_requests() const;
  // For messages.
  std::uint64_t line_of(std::size_t request) const { return entries_[request].line; }
  const std::string& path() const { return path_; }

 private:
  struct Entry {
    std::uint64_t hash;    // of the custom_id
    std::uint64_t offset;  // of the line in the file, or of the text in texts_
    std::uint32_t length;
    std::uint32_t line;
  };
  struct File;  // an open file for reading lines again

  RequestIndex();
  Status add_all(RowSink& sink);
  Status drop_repeated(RowSink& sink);

  std::string path_;
  std::unique_ptr<File> file_;  // uncompressed
  std::string texts_;           // compressed
  std::vector<Entry> entries_;  // by hash, then line
  std::vector<RequestState> states_;
  JsonRow row_;
};

}  // namespace noggin::data
