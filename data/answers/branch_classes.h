// The classes of the branches of earlier answers (token_path.h). A teacher's alternatives are the same few thousand
// tokens over and over, so what a branch was found to be is kept and not worked out again: up to 64 KiB, where a newer
// branch takes the place of an older one. Not for several threads.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "bytes/content_hash.h"
#include "data/rows/labels.h"

namespace noggin::data {

class BranchClasses {
 public:
  // What find(branch) -> class says, which must depend on the branch and `labels` only.
  template <typename Find>
  std::int32_t of(std::string_view branch, const LabelSet& labels, const Find& find) {
    if (branch.size() > kLongest) return find(branch);
    if (slots_.empty() || labels_ != labels.fingerprint()) {
      slots_.assign(kSlots, {});
      labels_ = labels.fingerprint();
    }
    Slot& slot = slots_[content_hash(branch.data(), branch.size()) % kSlots];
    if (slot.size != branch.size() || std::memcmp(slot.text.data(), branch.data(), branch.size()) != 0) {
      slot.class_index = find(branch);
      std::memcpy(slot.text.data(), branch.data(), branch.size());
      slot.size = static_cast<std::uint8_t>(branch.size());
    }
    return slot.class_index;
  }

 private:
  static constexpr std::size_t kSlots = 2048, kLongest = 27;
  static constexpr std::uint8_t kUnused = 0xFF;
  struct Slot {
    std::int32_t class_index = 0;
    std::uint8_t size = kUnused;
    std::array<char, kLongest> text{};
  };

  std::uint64_t labels_ = 0;  // the set that the classes are of
  std::vector<Slot> slots_;
};

}  // namespace noggin::data
