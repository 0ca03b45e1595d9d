// Joins requests to answers by id, over all sources of a split and in any order.
//
// Two requests with one id and the same text are one request; with other texts the id is ambiguous, and they and all
// answers with it are refused. Of several answers to one request the first usable one counts, the others are
// superseded; a request that only failed counts once, with its first failure.
//
// Memory: 43 to 85 bytes for a request (KeyMap), 28 for an answer that comes before its request, and the documents
// themselves where KeptDocuments must hold them.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "data/logs/kept_documents.h"
#include "data/logs/key_set.h"
#include "data/logs/row_sink.h"
#include "data/rows/rejection.h"

namespace noggin::data {

class IdJoin {
 public:
  explicit IdJoin(RowSink& sink) : sink_(sink) {}

  // Before the documents of a file.
  Status begin_file(const std::string& path, bool rereadable) { return kept_.begin_file(path, rereadable); }
  // A request with a text.
  Status add_request(std::string_view id, std::string_view text, const Line& line);
  // An answer. failure: why it is none. use(request document) makes a row of it and says whether it could.
  using Use = std::function<Result<Trouble>(std::string_view request)>;
  Status add_answer(std::string_view id, const Line& line, const std::string& path, const Trouble& failure,
                    const Use& use);
  // After the last source: answers that came before their requests are handed to `again`, which must call add_answer;
  // then what is left without an answer is rejected.
  using Again = std::function<Status(const Line& line, const std::string& path)>;
  Status finish(const Again& again);

 private:
  enum class State : std::uint8_t { kOpen, kFailed, kAnswered, kAmbiguous };
  struct Request {
    std::uint64_t offset = 0;
    std::uint32_t length = 0, file = 0;
    std::uint32_t line = 0;
    std::uint32_t text_key = 0;
    State state = State::kOpen;
  };
  struct Waiting {
    KeptDocuments::Place place;
    std::uint64_t line;
  };
  struct Failure {
    std::string path;
    std::uint64_t line;
    Rejection rejection;
    std::string excerpt;
  };

  Status reject_request(const Request& request, const Rejection& rejection);
  Status report_requests();

  RowSink& sink_;
  KeptDocuments kept_;
  KeyMap<Request> requests_;
  std::vector<std::uint64_t> order_;  // ids in the order of their requests
  std::map<std::uint64_t, Failure> failures_;
  std::vector<Waiting> waiting_;
  std::map<std::string, std::uint64_t> used_;  // file -> requests of it that an answer used up
  bool is_last_pass_ = false;
  std::string buffer_;
};

}  // namespace noggin::data
