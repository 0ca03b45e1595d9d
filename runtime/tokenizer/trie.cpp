#include "tokenizer/trie.h"

#include <algorithm>
#include <numeric>

#include "bytes/message.h"

namespace noggin::runtime {
namespace {

constexpr std::size_t kLabels = 256;

// Finds places for the children of one node after the other.
class Places {
 public:
  Places() : used_(1, 1), base_taken_(1, 1) {}  // unit 0 is the root's

  // A base at which all labels (ascending) fall on unused units and which no other node has. Marks both as used.
  std::size_t place(std::span<const std::uint8_t> labels) {
    std::size_t& start = start_[labels.size() == 1 ? 0 : 1];
    std::size_t seen_used = 0;
    std::size_t unit = std::max<std::size_t>(start, labels[0] + std::size_t{1});
    const std::size_t first_seen = unit;
    for (;; ++unit) {
      if (unit + kLabels > used_.size()) grow(unit + kLabels);
      if (used_[unit] == 0 && fits(unit - labels[0], labels)) break;
      seen_used += used_[unit];
    }
    // Later searches skip regions where almost nothing is free; and, once much has been searched, where little fits.
    const std::size_t seen = unit - first_seen;
    searched_ += seen;
    const bool hurry = searched_ > kPatientUnits && seen > kHurriedUnits;
    if (seen_used * 20 >= seen * 19 || hurry) start = std::max(start, unit);
    for (const std::uint8_t label : labels) used_[unit - labels[0] + label] = 1;
    base_taken_[unit - labels[0]] = 1;
    return unit - labels[0];
  }

 private:
  void grow(std::size_t size) {
    used_.resize(size, 0);
    base_taken_.resize(size, 0);
  }
  bool fits(std::size_t base, std::span<const std::uint8_t> labels) const {
    return base_taken_[base] == 0 &&
           std::all_of(labels.begin(), labels.end(), [&](std::uint8_t label) { return used_[base + label] == 0; });
  }

  // Of all searches together, for the tightest trie: more than a usual vocabulary takes. Then of each one, so that a
  // million pieces take a second and not a minute.
  static constexpr std::size_t kPatientUnits = std::size_t{1} << 26, kHurriedUnits = 256;

  std::vector<std::uint8_t> used_, base_taken_;
  std::size_t searched_ = 0;
  std::size_t start_[2] = {1, 1};  // nodes with one child fill the gaps that others leave
};

// A node whose children are not placed yet: the pieces sorted[begin, end) share their first `depth` bytes.
struct OpenNode {
  std::size_t unit, begin, end, depth;
};

Error corrupt(std::size_t unit, const std::string& what) {
  return {ErrorCode::kCorrupt,
          message({"tokenizer section, trie unit ", unit, ": ", what, ". The file is damaged; export it again."})};
}

Status check_pieces(std::span<const std::string> pieces, std::span<const std::uint32_t> sorted) {
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    const std::string& piece = pieces[sorted[i]];
    const auto broken = [&](const std::string& what) {
      return Error{ErrorCode::kInvalidArgument, message({"vocabulary piece ", sorted[i], " (\"", piece, "\") ", what})};
    };
    if (piece.empty() || piece.find('\0') != std::string::npos) {
      return broken("is empty or holds a zero byte.");
    }
    if (i > 0 && piece == pieces[sorted[i - 1]]) {
      return broken(message({"is also piece ", sorted[i - 1], "."}));
    }
  }
  return {};
}

}  // namespace

Result<std::vector<std::uint32_t>> build_trie(std::span<const std::string> pieces) {
  std::vector<std::uint32_t> sorted(pieces.size());
  std::iota(sorted.begin(), sorted.end(), 0U);
  std::sort(sorted.begin(), sorted.end(), [&](std::uint32_t a, std::uint32_t b) { return pieces[a] < pieces[b]; });
  if (Status checked = check_pieces(pieces, sorted); !checked) return checked.error();
  // Label 0 stands for "the piece ends here".
  const auto label_at = [&](std::size_t i, std::size_t depth) {
    const std::string& piece = pieces[sorted[i]];
    return static_cast<std::uint8_t>(depth < piece.size() ? static_cast<unsigned char>(piece[depth]) : 0U);
  };
  Places places;
  std::vector<std::uint32_t> units(kLabels, 0);
  std::vector<OpenNode> open{{0, 0, sorted.size(), 0}};
  while (!open.empty()) {
    const OpenNode node = open.back();
    open.pop_back();
    std::vector<std::uint8_t> labels;
    for (std::size_t i = node.begin; i < node.end; ++i) {
      if (labels.empty() || labels.back() != label_at(i, node.depth)) labels.push_back(label_at(i, node.depth));
    }
    if (labels.empty()) labels.push_back(1);  // an empty vocabulary still gets a root
    const std::size_t base = places.place(labels);
    if (base + kLabels > kMaxTrieUnits) {
      return Error{ErrorCode::kInvalidArgument,
                   message({"the vocabulary's ", pieces.size(),
                            " pieces need more than 4,194,304 trie units. Use a smaller vocabulary."})};
    }
    units.resize(std::max(units.size(), base + kLabels), 0);
    units[node.unit] |= static_cast<std::uint32_t>(base) << Trie::kValueShift;
    if (labels[0] == 0) units[node.unit] |= Trie::kEndBit;
    for (std::size_t begin = node.begin; begin < node.end;) {
      const std::uint8_t label = label_at(begin, node.depth);
      std::size_t end = begin + 1;
      while (end < node.end && label_at(end, node.depth) == label) ++end;
      const bool leaf = end - begin == 1 && (label == 0 || pieces[sorted[begin]].size() == node.depth + 1);
      units[base + label] = label | (leaf ? Trie::kLeafBit | sorted[begin] << Trie::kValueShift : 0U);
      if (!leaf) open.push_back({base + label, begin, end, node.depth + 1});
      begin = end;
    }
  }
  return units;
}

Result<Trie> Trie::bind(std::span<const std::byte> bytes, std::uint32_t pieces) {
  const std::size_t count = bytes.size() / 4;
  if (bytes.size() % 4 != 0 || count < kLabels || count > kMaxTrieUnits) {
    return corrupt(0, message({"the number of units, ", count, ", is out of range"}));
  }
  Trie trie;
  trie.units_ = bytes.data();
  std::size_t leaves = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t unit = trie.load(i), value = unit >> kValueShift;
    if ((unit & kLeafBit) != 0) {
      if (i == 0 || (unit & kEndBit) != 0) return corrupt(i, "a leaf cannot be the root or have a further end");
      if (value >= pieces) return corrupt(i, message({"its piece id ", value, " is not in the vocabulary"}));
      ++leaves;
      continue;
    }
    if (unit == 0 && i != 0) continue;
    if (value == 0 || value + kLabels > count) return corrupt(i, "its children would lie outside the trie");
    const std::uint32_t end_unit = trie.load(value);
    if ((unit & kEndBit) != 0 && (end_unit & (kLabelMask | kLeafBit)) != kLeafBit) {
      return corrupt(i, "the piece that ends here is missing");
    }
  }
  if (leaves != pieces) {
    return corrupt(0, message({"it holds ", leaves, " pieces, the vocabulary ", pieces}));
  }
  return trie;
}

std::uint32_t Trie::descend(std::string_view prefix) const {
  std::uint32_t base = root();
  for (const char c : prefix) {
    const auto byte = static_cast<unsigned char>(c);
    const std::uint32_t child = load(std::size_t{base} + byte);
    if ((child & kLabelMask) != byte || (child & kLeafBit) != 0) return kNothing;
    base = child >> kValueShift;
  }
  return base;
}

}  // namespace noggin::runtime
