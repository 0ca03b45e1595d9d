#include "tokenizer/unicode_tables.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "bytes/little_endian.h"
#include "bytes/message.h"

namespace noggin::runtime {
namespace {

constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kHeaderBytes = 24;
constexpr std::uint32_t kLeafBits = 4, kMiddleBits = 6;  // of six splits tried on Unicode 15: small, with few blocks
constexpr std::uint32_t kLeafSize = 1U << kLeafBits, kMiddleSize = 1U << kMiddleBits;
constexpr std::uint32_t kTopSize = (kLastCodePoint + 1) >> (kLeafBits + kMiddleBits);
constexpr std::uint32_t kMaxBlocks = 1U << 16;
constexpr std::uint32_t kStripsBit = 16, kCountShift = 5, kValueShift = 8;
constexpr std::uint32_t kMaxSequence = 1U << 16, kMaxShifts = 256;

using Block = std::vector<std::uint16_t>;

// Items in order of first appearance, each once.
template <typename T>
class Pool {
 public:
  std::uint16_t index_of(const T& item) {
    if (last_ < items_.size() && items_[last_] == item) return last_;  // equal ones come in long runs
    const auto [place, added] = indices_.try_emplace(item, static_cast<std::uint16_t>(items_.size()));
    if (added) items_.push_back(item);
    return last_ = place->second;
  }
  const std::vector<T>& items() const { return items_; }

 private:
  std::map<T, std::uint16_t> indices_;
  std::vector<T> items_;
  std::uint16_t last_ = 0;
};

using Record = std::pair<std::uint32_t, std::uint16_t>;  // facts, index of a shift

bool encodable(const CharacterFacts& facts) {
  const auto fits = [](std::uint32_t c) { return c != 0 && is_scalar(c); };
  return facts.classes < kStripsBit && facts.stripped.size() <= UnicodeTables::kMaxStripped &&
         std::all_of(facts.stripped.begin(), facts.stripped.end(), fits) &&
         (facts.lowercase == 0 || (is_scalar(facts.lowercase) && facts.last == 0)) && facts.last <= kLastCodePoint;
}

struct Levels {
  Block top;
  Pool<Block> middles, leaves;
  Pool<Record> records;
  Pool<std::uint32_t> shifts;
  std::vector<std::uint32_t> sequence;
};

Record record_of(const CharacterFacts& facts, std::uint32_t code_point, Levels& levels) {
  std::uint32_t word = facts.classes;
  if (facts.strips) {
    const std::vector<std::uint32_t>& stripped = facts.stripped;
    std::vector<std::uint32_t>& sequence = levels.sequence;
    std::uint32_t value = stripped.size() == 1 ? stripped[0] : 0;
    if (stripped.size() > 1) {
      const auto found = std::search(sequence.begin(), sequence.end(), stripped.begin(), stripped.end());
      value = static_cast<std::uint32_t>(found - sequence.begin());
      if (found == sequence.end()) sequence.insert(sequence.end(), stripped.begin(), stripped.end());
    }
    word |= kStripsBit | static_cast<std::uint32_t>(stripped.size()) << kCountShift | value << kValueShift;
  }
  return {word, levels.shifts.index_of(facts.lowercase == 0 ? 0 : facts.lowercase - code_point)};
}

Block build_leaf(Levels& levels, const std::vector<Record>& records_of_all, std::uint32_t first) {
  Block leaf(kLeafSize);
  for (std::uint32_t i = 0; i < kLeafSize; ++i) leaf[i] = levels.records.index_of(records_of_all[first + i]);
  return leaf;
}

void build_levels(Levels& levels, const std::vector<Record>& records_of_all) {
  constexpr std::uint32_t kSize = kMiddleSize * kLeafSize;  // code points of a middle block
  for (std::uint32_t t = 0; t < kTopSize; ++t) {
    const auto first = records_of_all.begin() + t * kSize;
    if (t > 0 && std::equal(first, first + kSize, first - kSize)) {  // equal ones come in long runs
      levels.top.push_back(levels.top.back());
      continue;
    }
    Block middle(kMiddleSize);
    for (std::uint32_t m = 0; m < kMiddleSize; ++m) {
      middle[m] = levels.leaves.index_of(build_leaf(levels, records_of_all, (t * kMiddleSize + m) * kLeafSize));
    }
    levels.top.push_back(levels.middles.index_of(middle));
  }
}

std::vector<std::byte> write_levels(const Levels& levels) {
  std::vector<std::byte> bytes;
  append_little_endian(bytes, kVersion);
  append_little_endian(bytes, static_cast<std::uint32_t>(levels.middles.items().size()));
  append_little_endian(bytes, static_cast<std::uint32_t>(levels.leaves.items().size()));
  append_little_endian(bytes, static_cast<std::uint32_t>(levels.records.items().size()));
  append_little_endian(bytes, static_cast<std::uint32_t>(levels.shifts.items().size()));
  append_little_endian(bytes, static_cast<std::uint32_t>(levels.sequence.size()));
  const auto append_block = [&](const Block& block) {
    for (const std::uint16_t index : block) append_little_endian(bytes, index);
  };
  append_block(levels.top);
  for (const Block& block : levels.middles.items()) append_block(block);
  for (const Block& block : levels.leaves.items()) append_block(block);
  for (const Record& record : levels.records.items()) append_little_endian(bytes, record.first);
  for (const std::uint32_t shift : levels.shifts.items()) append_little_endian(bytes, shift);
  for (const std::uint32_t character : levels.sequence) append_little_endian(bytes, character);
  for (const Record& record : levels.records.items()) bytes.push_back(static_cast<std::byte>(record.second));
  return bytes;
}

Error corrupt(std::string_view what) {
  return {ErrorCode::kCorrupt,
          message({"tokenizer section, Unicode tables: ", what, ". The file is damaged; export it again."})};
}

bool indices_below(const std::byte* indices, std::size_t count, std::uint32_t limit) {
  for (std::size_t i = 0; i < count; ++i) {
    if (load_little_endian<std::uint16_t>(indices + 2 * i) >= limit) return false;
  }
  return true;
}

bool facts_fit(const std::byte* records, std::uint32_t count, std::uint32_t sequence_length) {
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto facts = load_little_endian<std::uint32_t>(records + 4 * std::size_t{i});
    const std::uint32_t n = (facts >> kCountShift) & 7U, value = facts >> kValueShift;
    const bool strips = (facts & kStripsBit) != 0;
    if (!strips && (n != 0 || value != 0)) return false;
    if (n == 1 && (value == 0 || !is_scalar(value))) return false;
    if (n > 1 && (value > sequence_length || n > sequence_length - value)) return false;
  }
  return true;
}

}  // namespace

Result<std::vector<std::byte>> encode_unicode_tables(const std::function<CharacterFacts(std::uint32_t)>& facts_of) {
  Levels levels;
  levels.shifts.index_of(0);
  levels.records.index_of({0, 0});
  std::vector<Record> records_of_all(kLastCodePoint + 1, Record{0, 0});
  for (std::uint32_t code_point = 0x80; code_point <= kLastCodePoint; ++code_point) {
    if (!is_scalar(code_point)) continue;
    const CharacterFacts facts = facts_of(code_point);
    if (!encodable(facts)) {
      return Error{ErrorCode::kInvalidArgument, message({"Unicode tables: the facts about code point ", code_point,
                                                         " do not fit the serialized form."})};
    }
    const Record record = record_of(facts, code_point, levels);
    records_of_all[code_point] = record;
    while (code_point < facts.last)
      if (is_scalar(++code_point)) records_of_all[code_point] = record;
  }
  build_levels(levels, records_of_all);
  if (levels.records.items().size() > kMaxBlocks || levels.leaves.items().size() > kMaxBlocks ||
      levels.shifts.items().size() > kMaxShifts || levels.sequence.size() > kMaxSequence) {
    return Error{ErrorCode::kInvalidArgument,
                 "Unicode tables: more than 65,536 different records, blocks or sequence "
                 "entries, or more than 256 shifts; their indices cannot hold that."};
  }
  return write_levels(levels);
}

Result<UnicodeTables> UnicodeTables::bind(std::span<const std::byte> bytes) {
  if (bytes.size() < kHeaderBytes) return corrupt("shorter than their header");
  const auto field = [&](std::size_t i) { return load_little_endian<std::uint32_t>(bytes.data() + 4 * i); };
  if (field(0) != kVersion) {
    return Error{ErrorCode::kUnsupported, message({"tokenizer section, Unicode tables: version ", field(0),
                                                   ", but this build reads version 1. Update Noggin."})};
  }
  const std::uint32_t middles = field(1), leaves = field(2), records = field(3), shifts = field(4), sequence = field(5);
  if (middles > kMaxBlocks || leaves > kMaxBlocks || records > kMaxBlocks || shifts > kMaxShifts ||
      sequence > kMaxSequence) {
    return corrupt("a count is out of range");
  }
  const std::size_t middle_count = std::size_t{middles} * kMiddleSize, leaf_count = std::size_t{leaves} * kLeafSize;
  const std::size_t size = kHeaderBytes + 2 * (kTopSize + middle_count + leaf_count) + 5 * std::size_t{records} +
                           4 * (std::size_t{shifts} + sequence);
  if (bytes.size() != size) return corrupt("their size does not follow from their counts");
  UnicodeTables tables;
  tables.top_ = bytes.data() + kHeaderBytes;
  tables.middle_ = tables.top_ + 2 * std::size_t{kTopSize};
  tables.leaf_ = tables.middle_ + 2 * middle_count;
  tables.facts_ = tables.leaf_ + 2 * leaf_count;
  tables.shifts_ = tables.facts_ + 4 * std::size_t{records};
  tables.sequence_ = tables.shifts_ + 4 * std::size_t{shifts};
  tables.lower_ = tables.sequence_ + 4 * std::size_t{sequence};
  const bool shifts_below = std::all_of(tables.lower_, tables.lower_ + records, [&](std::byte index) {
    return std::to_integer<std::uint32_t>(index) < shifts;
  });
  if (!indices_below(tables.top_, kTopSize, middles) || !indices_below(tables.middle_, middle_count, leaves) ||
      !indices_below(tables.leaf_, leaf_count, records) || !shifts_below) {
    return corrupt("an index leads outside them");
  }
  if (!facts_fit(tables.facts_, records, sequence)) return corrupt("a record leads outside them");
  for (std::size_t i = 0; i < sequence; ++i) {
    const auto character = load_little_endian<std::uint32_t>(tables.sequence_ + 4 * i);
    if (character == 0 || !is_scalar(character)) return corrupt("a replacement is not a character");
  }
  return tables;
}

UnicodeTables::Entry UnicodeTables::find(std::uint32_t code_point) const {
  const auto at = [](const std::byte* indices, std::size_t i) {
    return std::size_t{load_little_endian<std::uint16_t>(indices + 2 * i)};
  };
  const std::size_t middle = at(top_, code_point >> (kLeafBits + kMiddleBits));
  const std::size_t leaf = at(middle_, middle * kMiddleSize + ((code_point >> kLeafBits) & (kMiddleSize - 1)));
  const std::size_t record = at(leaf_, leaf * kLeafSize + (code_point & (kLeafSize - 1)));
  Entry entry;
  entry.facts_ = load_little_endian<std::uint32_t>(facts_ + 4 * record);
  entry.shift_ = load_little_endian<std::uint32_t>(shifts_ + 4 * std::to_integer<std::size_t>(lower_[record]));
  return entry;
}

UnicodeTables::Stripped UnicodeTables::stripped(Entry entry) const {
  Stripped result;
  result.count = (entry.facts_ >> kCountShift) & 7U;
  const std::size_t value = entry.facts_ >> kValueShift;
  if (result.count == 1) {
    result.characters[0] = static_cast<std::uint32_t>(value);
    return result;
  }
  for (std::size_t i = 0; i < result.count; ++i) {
    result.characters[i] = load_little_endian<std::uint32_t>(sequence_ + 4 * (value + i));
  }
  return result;
}

}  // namespace noggin::runtime
