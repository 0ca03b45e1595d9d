#include "data/ingest/near_texts.h"

namespace noggin::data {

void NearTexts::add(std::uint64_t key) {
  if (!is_kept(key)) return;
  keys_.insert(key);
  while (keys_.size() > most_keys_) {
    ++dropped_bits_;
    std::erase_if(keys_, [this](std::uint64_t kept) { return !is_kept(kept); });
  }
}

std::uint64_t NearTexts::count(std::uint64_t key) const {
  return is_kept(key) && keys_.contains(key) ? std::uint64_t{1} << dropped_bits_ : 0;
}

}  // namespace noggin::data
