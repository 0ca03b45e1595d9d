// Which checks a log's gold spans agree with, for `noggin init --from`. No name of a type counts, only where spans are.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "data/ingest/ingest.h"
#include "data/rows/labels.h"
#include "data/rows/record.h"
#include "spec/check.h"
#include "spec/task.h"

namespace noggin::tool {

// What a kind of check has found in rows with gold spans.
struct CheckAgreement {
  spec::CheckKind kind;
  std::size_t matches, exact;  // exact: of them, those that are gold spans of `type`, from first to last byte
  std::string type;            // of most of these; "": none is a gold span
  bool agrees() const;         // enough of them, and nearly all
};

class CheckCounter {
 public:
  CheckCounter(spec::TaskKind task, const data::LabelSet& labels);  // a task with spans of types

  void add(const data::Record& record);
  // The kinds with any matches, without those in texts of `left_out`.
  std::vector<CheckAgreement> agreements(const data::TextShare& left_out) const;

 private:
  struct Match {
    double place;  // TextShare::place_of its text
    spec::CheckKind kind;
    std::size_t type;  // types_.size(): no gold span
  };
  std::vector<std::string> types_;
  std::vector<Match> matches_;
};

}  // namespace noggin::tool
