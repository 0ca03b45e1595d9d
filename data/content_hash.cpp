#include "data/content_hash.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace noggin::data {

std::uint64_t hash_bytes(const void* bytes, std::size_t size) { return XXH3_64bits(bytes, size); }

std::uint64_t content_key(std::string_view text) { return hash_bytes(text.data(), text.size()); }

struct ContentHasher::State {
  XXH3_state_t hash;
};

ContentHasher::ContentHasher() : state_(std::make_unique<State>()) { XXH3_64bits_reset(&state_->hash); }
ContentHasher::ContentHasher(ContentHasher&&) noexcept = default;
ContentHasher& ContentHasher::operator=(ContentHasher&&) noexcept = default;
ContentHasher::~ContentHasher() = default;

void ContentHasher::update(const void* bytes, std::size_t size) { XXH3_64bits_update(&state_->hash, bytes, size); }

std::uint64_t ContentHasher::digest() const { return XXH3_64bits_digest(&state_->hash); }

}  // namespace noggin::data
