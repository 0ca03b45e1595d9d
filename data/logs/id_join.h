// Joins requests to answers by id, over all sources of a split and in any order.
//
// Two requests with one id and the same text are one request; with other texts the id is ambiguous, and they and all
// answers with it are refused. Of several answers to one request the first usable one counts, the others are
// superseded; a request that only failed counts once, with its first failure.
//
// Memory: 43 to 85 bytes for a request (KeyMap), 16 for an answer that comes before its request; their texts are kept
// in a Spill.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "data/files/spill.h"
#include "data/logs/key_set.h"
#include "data/logs/row_sink.h"
#include "data/rows/rejection.h"

namespace noggin::data {

class IdJoin {
 public:
  explicit IdJoin(RowSink& sink) : sink_(sink) {}

  struct Half {
    std::string_view id;
    const std::string& file;
    std::uint64_t line;
    std::string_view shown;  // of it, when it is refused
  };
  // text: what tells two requests apart. kind: the caller's, with what was shown given back to `use`.
  Status add_request(const Half& request, std::string_view text, std::uint8_t kind);
  // failure: why the answer is none. use(kind, shown) makes a row of it and says whether it could.
  using Use = std::function<Result<Trouble>(std::uint8_t kind, std::string_view shown)>;
  Status add_answer(const Half& answer, const Trouble& failure, const Use& use);
  // Whether the request of an answer with this id has come, or can come no more.
  bool can_answer(std::string_view id) const;
  // Else the answer waits: as bytes, which finish() gives back.
  Status add_waiting(std::string_view answer);
  // After the last source: what waited is handed to `again`, which must call add_answer; then what is left without an
  // answer is rejected.
  using Again = std::function<Status(std::string_view answer)>;
  Status finish(const Again& again);

 private:
  enum class State : std::uint8_t { kOpen, kFailed, kAnswered, kAmbiguous };
  struct Request {
    std::uint64_t offset = 0;
    std::uint32_t length = 0, file = 0;
    std::uint32_t line = 0;
    std::uint32_t text_key = 0;
    std::uint8_t kind = 0;
    State state = State::kOpen;

    Spill::Place place() const { return {offset, length}; }
  };
  struct Failure {
    std::string path;
    std::uint64_t line;
    Rejection rejection;
    std::string excerpt;
  };

  std::uint32_t number_of(const std::string& file);
  Status reject_request(const Request& request, const Rejection& rejection);
  Status report_requests();

  RowSink& sink_;
  Spill kept_;
  std::vector<std::string> files_;
  std::vector<std::uint64_t> used_;  // by file: requests of it that an answer used up
  KeyMap<Request> requests_;
  std::vector<std::uint64_t> order_;  // ids in the order of their requests
  std::map<std::uint64_t, Failure> failures_;
  std::vector<Spill::Place> waiting_;
  bool is_last_pass_ = false;
  std::string buffer_;
};

}  // namespace noggin::data
