#include "data/vocabulary/vocabulary_merges.h"

#include <algorithm>
#include <queue>
#include <unordered_map>
#include <utility>

#include "bytes/utf8.h"

namespace noggin::data {
namespace {

constexpr std::string_view kContinuation = "##";

using Piece = std::uint32_t;  // index into the learned pieces
using Pair = std::uint64_t;   // left piece << 32 | right piece

Pair pair_of(Piece left, Piece right) { return (Pair{left} << 32) | right; }
Piece left_of(Pair pair) { return static_cast<Piece>(pair >> 32); }
Piece right_of(Pair pair) { return static_cast<Piece>(pair & 0xFFFFFFFFU); }

// A character as a piece: its code point, with a higher bit for whether it continues a word ("##"). These keys sort in
// piece order.
using CharacterKey = std::uint32_t;
constexpr CharacterKey kContinues = 1U << 21;

std::vector<CharacterKey> characters_of(std::string_view word) {
  std::vector<CharacterKey> characters;
  for (std::size_t position = 0; position < word.size();) {
    const CharacterKey continues = position == 0 ? 0 : kContinues;
    characters.push_back(continues | decode_utf8(word, position));
  }
  return characters;
}

std::string spell(CharacterKey character) {
  char bytes[kMaxUtf8Bytes];
  const std::size_t size = encode_utf8(character & (kContinues - 1), bytes);
  std::string piece((character & kContinues) != 0 ? kContinuation : std::string_view{});
  return piece.append(bytes, size);
}

struct Word {
  std::vector<Piece> pieces;
  std::uint64_t count;
};

// The state of one pair of adjacent pieces.
struct PairState {
  std::uint64_t count = 0;
  std::vector<std::uint32_t> words;  // that contain it or once did; may repeat
};

class MergeLearner {
 public:
  explicit MergeLearner(const MergeLimits& limits) : limits_(limits), heap_(HeapOrder{&pieces_}) {}

  std::vector<std::string> learn(const std::vector<CountedWord>& words) {
    choose_characters(words);
    split_words(words);
    while (pieces_.size() < limits_.pieces && !heap_.empty()) {
      const Candidate best = heap_.top();
      heap_.pop();
      const auto state = pairs_.find(best.pair);
      if (state == pairs_.end() || state->second.count < limits_.min_frequency) continue;
      if (state->second.count == best.count) {
        merge(best.pair);
      } else if (state->second.count < best.count) {  // it has decreased since it was pushed
        heap_.push({state->second.count, best.pair});
      }
    }
    return std::move(pieces_);
  }

 private:
  struct Candidate {
    std::uint64_t count;
    Pair pair;
  };
  // Highest count on top; on ties the pair whose pieces sort first.
  struct HeapOrder {
    const std::vector<std::string>* pieces;
    bool operator()(const Candidate& a, const Candidate& b) const {
      if (a.count != b.count) return a.count < b.count;
      const auto& names = *pieces;
      const int left = names[left_of(a.pair)].compare(names[left_of(b.pair)]);
      return left != 0 ? left > 0 : names[right_of(a.pair)] > names[right_of(b.pair)];
    }
  };

  // Single characters seen often enough, also in rare words; if they do not all fit, the most frequent.
  void choose_characters(const std::vector<CountedWord>& words) {
    std::unordered_map<CharacterKey, std::uint64_t> counts;
    for (const CountedWord& word : words) {
      for (const CharacterKey character : characters_of(word.word)) counts[character] += word.count;
    }
    std::vector<std::pair<std::uint64_t, CharacterKey>> kept;
    for (const auto& [character, count] : counts) {
      if (count >= limits_.min_frequency) kept.emplace_back(count, character);
    }
    std::sort(kept.begin(), kept.end(), [](const auto& a, const auto& b) {
      return a.first != b.first ? a.first > b.first : a.second < b.second;
    });
    if (kept.size() > limits_.pieces) kept.resize(limits_.pieces);
    std::sort(kept.begin(), kept.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
    for (const auto& [count, character] : kept) characters_[character] = add_piece(spell(character));
  }

  Piece add_piece(const std::string& piece) {
    const auto [place, added] = ids_.try_emplace(piece, static_cast<Piece>(pieces_.size()));
    if (added) pieces_.push_back(piece);
    return place->second;
  }

  // Splits words into pieces if seen often enough and all their characters were chosen.
  void split_words(const std::vector<CountedWord>& words) {
    for (const CountedWord& word : words) {
      if (word.count < limits_.min_frequency) continue;
      const std::vector<CharacterKey> characters = characters_of(word.word);
      Word split{{}, word.count};
      for (const CharacterKey character : characters) {
        const auto found = characters_.find(character);
        if (found == characters_.end()) break;
        split.pieces.push_back(found->second);
      }
      if (split.pieces.size() == characters.size()) add_word(std::move(split));
    }
    for (const auto& [pair, state] : pairs_) heap_.push({state.count, pair});
  }

  void add_word(Word word) {
    const auto index = static_cast<std::uint32_t>(words_.size());
    for (std::size_t i = 0; i + 1 < word.pieces.size(); ++i) {
      PairState& state = pairs_[pair_of(word.pieces[i], word.pieces[i + 1])];
      state.count += word.count;
      if (state.words.empty() || state.words.back() != index) state.words.push_back(index);
    }
    words_.push_back(std::move(word));
  }

  void merge(Pair pair) {
    const std::string merged = pieces_[left_of(pair)] + pieces_[right_of(pair)].substr(kContinuation.size());
    // A pair is not tried again, whether it made a piece or was too long.
    const std::vector<std::uint32_t> holders = std::move(pairs_[pair].words);
    if (merged.size() > limits_.max_piece_bytes) {
      pairs_.erase(pair);
      return;
    }
    const Piece piece = add_piece(merged);  // two pairs may spell the same piece: it is then used again
    touched_.clear();
    for (const std::uint32_t index : holders) merge_in(words_[index], index, pair, piece);
    pairs_.erase(pair);
    std::sort(touched_.begin(), touched_.end());
    touched_.erase(std::unique(touched_.begin(), touched_.end()), touched_.end());
    for (const Pair grown : touched_) {
      const auto state = pairs_.find(grown);
      if (state != pairs_.end()) heap_.push({state->second.count, grown});
    }
  }

  // Rewrites one word, from left to right, and updates the counts of the adjacent pairs that changed.
  void merge_in(Word& word, std::uint32_t index, Pair pair, Piece piece) {
    std::vector<Piece>& before = word.pieces;
    std::vector<Piece>& after = rewritten_;
    after.clear();
    std::size_t first_change = before.size(), last_change = 0;  // in `before`: merged pairs span [first, last]
    for (std::size_t i = 0; i < before.size(); ++i) {
      if (i + 1 < before.size() && pair_of(before[i], before[i + 1]) == pair) {
        first_change = std::min(first_change, i);
        last_change = ++i;
        after.push_back(piece);
      } else {
        after.push_back(before[i]);
      }
    }
    if (first_change == before.size()) return;
    const std::size_t same_after = before.size() - 1 - last_change;  // pieces after the last merge
    const std::size_t begin = first_change == 0 ? 0 : first_change - 1;
    count_pairs(before, begin, std::min(last_change + 1, before.size() - 1), [&](Pair old) {
      const auto state = pairs_.find(old);
      if (state == pairs_.end()) return;
      state->second.count -= word.count;
      if (state->second.count == 0) pairs_.erase(state);  // no word contains it
    });
    count_pairs(after, begin, std::min(after.size() - same_after, after.size() - 1), [&](Pair fresh) {
      PairState& state = pairs_[fresh];
      state.count += word.count;
      if (state.words.empty() || state.words.back() != index) state.words.push_back(index);
      touched_.push_back(fresh);
    });
    before.swap(after);
  }

  // Calls for each pair of adjacent pieces from piece `begin` to piece `last`, both inclusive.
  template <typename Call>
  static void count_pairs(const std::vector<Piece>& pieces, std::size_t begin, std::size_t last, const Call& call) {
    for (std::size_t i = begin; i < last; ++i) call(pair_of(pieces[i], pieces[i + 1]));
  }

  MergeLimits limits_;
  std::vector<std::string> pieces_;
  std::unordered_map<std::string, Piece> ids_;
  std::unordered_map<CharacterKey, Piece> characters_;
  std::vector<Word> words_;
  std::unordered_map<Pair, PairState> pairs_;
  std::priority_queue<Candidate, std::vector<Candidate>, HeapOrder> heap_;  // may hold outdated counts
  std::vector<Piece> rewritten_;
  std::vector<Pair> touched_;
};

}  // namespace

std::vector<std::string> learn_pieces(const std::vector<CountedWord>& words, const MergeLimits& limits) {
  return MergeLearner(limits).learn(words);
}

}  // namespace noggin::data
