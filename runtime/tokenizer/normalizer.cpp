#include "tokenizer/normalizer.h"

#include <algorithm>

namespace noggin::runtime {
namespace {

// ASCII never changes, so it is a rule and not a table in the file.
enum class Ascii : unsigned char { kDropped, kSpace, kPunctuation, kUpper, kOther, kBeyond };

constexpr Ascii ascii_class(unsigned byte) {
  if (byte >= 0x80) return Ascii::kBeyond;
  if (byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r') return Ascii::kSpace;
  if (byte < 0x20 || byte == 0x7F) return Ascii::kDropped;
  if (byte >= 'A' && byte <= 'Z') return Ascii::kUpper;
  if ((byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9')) return Ascii::kOther;
  return Ascii::kPunctuation;
}

constexpr std::array<Ascii, 256> kAscii = [] {
  std::array<Ascii, 256> table{};
  for (unsigned byte = 0; byte < 256; ++byte) table[byte] = ascii_class(byte);
  return table;
}();

constexpr std::uint32_t kAsciiCase = 'a' - 'A';

// What an ASCII letter or digit is read as; 0: any other byte.
using Letters = std::array<char, 256>;

constexpr Letters letters(bool lowercase) {
  Letters table{};
  for (unsigned byte = 0; byte < 0x80; ++byte) {
    if (kAscii[byte] == Ascii::kOther) table[byte] = static_cast<char>(byte);
    if (kAscii[byte] == Ascii::kUpper) table[byte] = static_cast<char>(lowercase ? byte + kAsciiCase : byte);
  }
  return table;
}

constexpr Letters kLetters = letters(false), kLowerLetters = letters(true);

// Hangul syllables decompose by arithmetic (Unicode standard, section 3.12).
constexpr std::uint32_t kSyllableBase = 0xAC00, kSyllables = 11172;
constexpr std::uint32_t kLeadBase = 0x1100, kVowelBase = 0x1161, kTrailBase = 0x11A7, kVowels = 21, kTrails = 28;

constexpr bool is_syllable(std::uint32_t code_point) { return code_point - kSyllableBase < kSyllables; }

std::size_t decompose_syllable(std::uint32_t code_point, std::uint32_t* parts) {
  const std::uint32_t index = code_point - kSyllableBase;
  parts[0] = kLeadBase + index / (kVowels * kTrails);
  parts[1] = kVowelBase + index / kTrails % kVowels;
  parts[2] = kTrailBase + index % kTrails;
  return index % kTrails == 0 ? 2 : 3;
}

// The only character whose lowercase is two characters: capital I with dot above -> i, combining dot above.
constexpr std::uint32_t kDottedCapitalI = 0x130, kCombiningDotAbove = 0x307;

// Enclosing marks (Me): as all marks they are drawn into the character before, but accent stripping keeps them.
constexpr bool encloses(std::uint32_t c) {
  return c - 0x488 < 2 || c == 0x1ABE || (c - 0x20DD < 8 && c != 0x20E1) || c - 0xA670 < 3;
}

// Co, which normalization drops, too, but which has a shape; beyond the basic plane whole planes of it.
constexpr bool is_private_use(std::uint32_t c) { return c - 0xE000 < 0x1900 || c >= 0xF0000; }

}  // namespace

std::size_t end_of_marks(const UnicodeTables& tables, std::string_view text, std::size_t position) {
  for (std::size_t next = position; position < text.size(); position = next) {
    const std::uint32_t code_point = decode_utf8(text, next);
    if (code_point < 0x80 || code_point == kReplacementCharacter || is_private_use(code_point)) break;
    const UnicodeTables::Entry entry = tables.find(code_point);
    const bool removed = (entry.classes() & kDropped) != 0 || (entry.strips() && tables.stripped(entry).count == 0);
    if (!removed && !encloses(code_point)) break;
  }
  return position;
}

bool WordReader::next() {
  size_ = 0;
  characters_ = 0;
  while (pending_begin_ < pending_end_) {
    if (read_pending() == Step::kWordEnds) return true;
  }
  while (position_ < text_.size()) {
    const auto byte = static_cast<unsigned char>(text_[position_]);
    if (byte == ' ') {  // as read_ascii() has it, for most of the bytes that are no letters
      ++position_;
      if (characters_ > 0) return true;
      continue;
    }
    if (kAscii[byte] != Ascii::kBeyond) {
      if (kLetters[byte] != 0 && read_letters()) continue;
      if (read_ascii(byte) == Step::kWordEnds) return true;
      continue;
    }
    character_.begin = position_;
    const std::uint32_t code_point = decode_utf8(text_, position_);
    character_.end = position_;
    if (read_character(code_point) == Step::kWordEnds) return true;
    while (pending_begin_ < pending_end_) {
      if (read_pending() == Step::kWordEnds) return true;
    }
  }
  return characters_ > 0;
}

// Reads ASCII letters and digits, most of most texts, as read_ascii() would one by one. False if the word is too long
// for its buffer: then nothing is read.
bool WordReader::read_letters() {
  if (characters_ > kMaxWordCharacters) return false;
  const Letters& table = options_.lowercase ? kLowerLetters : kLetters;
  const std::size_t begin = position_;
  const char* const from = text_.data() + begin;
  const std::size_t most = std::min(kMaxWordCharacters + 1 - characters_, text_.size() - begin);
  char* const to = bytes_.data() + size_;
  std::size_t count = 0;
  for (; count < most; ++count) {
    const char letter = table[static_cast<unsigned char>(from[count])];
    if (letter == 0) break;
    to[count] = letter;
  }
  if (sources_ != nullptr)
    for (std::size_t i = 0; i < count; ++i) sources_->bytes[size_ + i] = {begin + i, begin + i + 1};
  if (characters_ == 0) place_.begin = begin;
  place_.end = position_ = begin + count;
  size_ += count;
  characters_ += count;
  return true;
}

// Consumes the byte at position_, unless it ends a word without being part of it.
WordReader::Step WordReader::read_ascii(unsigned char byte) {
  character_ = {position_, position_ + 1};
  switch (kAscii[byte]) {
    case Ascii::kSpace:
      ++position_;
      return characters_ > 0 ? Step::kWordEnds : Step::kContinue;
    case Ascii::kPunctuation:
      if (characters_ == 0) {
        append(byte);
        ++position_;
      }
      return Step::kWordEnds;
    case Ascii::kUpper:
      append(options_.lowercase ? byte + kAsciiCase : byte);
      break;
    case Ascii::kOther:
      append(byte);
      break;
    default:  // kDropped; kBeyond does not come here
      break;
  }
  ++position_;
  return Step::kContinue;
}

// Beyond ASCII: the characters that this one normalizes to become pending.
WordReader::Step WordReader::read_character(std::uint32_t code_point) {
  const UnicodeTables::Entry entry = tables_.find(code_point);
  if (code_point == kReplacementCharacter || (entry.classes() & kDropped) != 0) return Step::kContinue;
  if ((entry.classes() & kWhitespace) != 0) return characters_ > 0 ? Step::kWordEnds : Step::kContinue;
  pending_begin_ = pending_end_ = 0;
  const bool alone = (entry.classes() & kCjk) != 0;
  if (!options_.strip_accents) {
    make_pending(entry, code_point, alone);
  } else if (is_syllable(code_point)) {
    std::array<std::uint32_t, 3> parts;
    const std::size_t count = decompose_syllable(code_point, parts.data());
    for (std::size_t i = 0; i < count; ++i) make_pending(tables_.find(parts[i]), parts[i], false);
  } else if (entry.strips()) {
    const UnicodeTables::Stripped stripped = tables_.stripped(entry);
    for (std::size_t i = 0; i < stripped.count; ++i) {
      make_pending(tables_.find(stripped.characters[i]), stripped.characters[i], alone);
    }
  } else {
    make_pending(entry, code_point, alone);
  }
  return Step::kContinue;
}

// Lowercases one stripped character and queues it. Decomposition can lead back to ASCII, which the tables do not cover.
void WordReader::make_pending(UnicodeTables::Entry entry, std::uint32_t code_point, bool alone) {
  if (code_point < 0x80) {
    const Ascii ascii = kAscii[code_point];
    if (ascii == Ascii::kUpper && options_.lowercase) code_point += kAsciiCase;
    pending_[pending_end_++] = {code_point, alone || ascii == Ascii::kPunctuation};
    return;
  }
  alone = alone || (entry.classes() & kPunctuation) != 0;
  if (!options_.lowercase) {
    pending_[pending_end_++] = {code_point, alone};
  } else if (code_point == kDottedCapitalI) {
    pending_[pending_end_++] = {'i', alone};
    pending_[pending_end_++] = {kCombiningDotAbove, alone};
  } else {
    pending_[pending_end_++] = {UnicodeTables::lowercase(entry, code_point), alone};
  }
}

WordReader::Step WordReader::read_pending() {
  const Pending& first = pending_[pending_begin_];
  if (first.alone) {
    if (characters_ > 0) return Step::kWordEnds;
    append(first.code_point);
    ++pending_begin_;
    return Step::kWordEnds;
  }
  append(first.code_point);
  ++pending_begin_;
  return Step::kContinue;
}

void WordReader::append(std::uint32_t code_point) {
  if (characters_ == 0) place_.begin = character_.begin;
  place_.end = character_.end;
  if (characters_ <= kMaxWordCharacters) {
    const std::size_t before = size_;
    size_ += encode_utf8(code_point, bytes_.data() + size_);
    if (sources_ != nullptr) {
      for (std::size_t i = before; i < size_; ++i) sources_->bytes[i] = character_;
    }
  }
  ++characters_;
}

}  // namespace noggin::runtime
