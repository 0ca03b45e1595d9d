#include "data/pretrained/piece_ids.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "data/vocabulary/vocabulary_lines.h"

namespace noggin::data {
namespace {

constexpr const char* kIfChanged = "If the file was changed since the encoder was trained, fetch the folder again";

// "3 (lines 5, 9, 12)", or with "..." after three.
std::string counted_lines(const std::vector<std::size_t>& lines) {
  const std::size_t shown = std::min<std::size_t>(lines.size(), 3);
  return fmt::format("{} ({} {}{})", lines.size(), lines.size() == 1 ? "line" : "lines",
                     fmt::join(lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(shown), ", "),
                     shown < lines.size() ? ", ..." : "");
}

}  // namespace

std::string examples_of(const std::vector<std::string>& pieces) {
  const std::size_t shown = std::min<std::size_t>(pieces.size(), 3);
  return fmt::format("\"{}\"{}",
                     fmt::join(pieces.begin(), pieces.begin() + static_cast<std::ptrdiff_t>(shown), "\", \""),
                     shown < pieces.size() ? ", ..." : "");
}

std::size_t name_unused_ids(std::vector<std::string>& pieces) {
  while (!pieces.empty() && pieces.back().empty()) pieces.pop_back();
  const auto unused = static_cast<std::size_t>(std::ranges::count(pieces, std::string()));
  if (unused == 0) return 0;
  const std::unordered_set<std::string> taken(pieces.begin(), pieces.end());
  for (std::size_t id = 0; id < pieces.size(); ++id) {
    if (!pieces[id].empty()) continue;
    std::string name = fmt::format("[unused_id_{}]", id);
    while (taken.contains(name)) name += "_";
    pieces[id] = std::move(name);
  }
  return unused;
}

Result<PieceIds> read_vocab_txt(const std::string& path) {
  Result<std::vector<std::string>> lines = read_vocabulary_lines(path);
  if (!lines) return lines.error();
  PieceIds ids{*std::move(lines), {}};
  std::vector<std::string>& pieces = ids.pieces;
  std::unordered_map<std::string_view, std::size_t> last;  // piece -> its last line, from 0
  std::vector<std::size_t> empty, doubled;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (pieces[i].find('\r') != std::string::npos) {
      return Error{ErrorCode::kBadData,
                   fmt::format("{}:{}: a carriage return inside a line, which transformers' tokenizers count "
                               "differently: every later id is uncertain. Fix: fetch the folder again",
                               path, i + 1)};
    }
    if (pieces[i].empty())
      empty.push_back(i + 1);
    else
      last[pieces[i]] = i;
  }
  std::vector<bool> superseded(pieces.size());
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (pieces[i].empty() || last.at(pieces[i]) == i) continue;
    superseded[i] = true;
    doubled.push_back(i + 1);
    names.push_back(pieces[i]);
  }
  last.clear();  // it views the pieces
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (superseded[i]) pieces[i].clear();
  }
  if (!doubled.empty()) {
    ids.notes.push_back(
        fmt::format("{}: pieces that stand again further down: {}: {}. As in transformers the last line gives the id, "
                    "and the rows of the earlier lines are not used. {}",
                    path, counted_lines(doubled), examples_of(names), kIfChanged));
  }
  if (!empty.empty()) {
    ids.notes.push_back(
        fmt::format("{}: empty lines: {}. As in transformers each keeps its id, which no text reaches. {}", path,
                    counted_lines(empty), kIfChanged));
  }
  name_unused_ids(pieces);
  return ids;
}

}  // namespace noggin::data
