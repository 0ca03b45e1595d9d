#include "data/ingest/near_texts.h"

#include <utility>

namespace noggin::data {

void NearTexts::add(std::uint64_t key) {
  if (!is_kept(key)) return;
  keys_.insert(key);
  while (keys_.size() > most_keys_) {
    ++dropped_bits_;
    KeySet kept;
    keys_.for_each([&](std::uint64_t known) {
      if (is_kept(known)) kept.insert(known);
    });
    keys_ = std::move(kept);
  }
}

std::uint64_t NearTexts::count(std::uint64_t key) const {
  return is_kept(key) && keys_.contains(key) ? std::uint64_t{1} << dropped_bits_ : 0;
}

}  // namespace noggin::data
