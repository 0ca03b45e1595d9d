#include "update/blake2b.h"

#include <sodium.h>

#include <array>

namespace noggin::update {

struct Blake2b::State {
  crypto_generichash_state hash;
};

Blake2b::Blake2b() : state_(new State) { crypto_generichash_init(&state_->hash, nullptr, 0, kHashDigits / 2); }
Blake2b::Blake2b(Blake2b&&) noexcept = default;
Blake2b::~Blake2b() = default;

void Blake2b::update(std::span<const std::byte> bytes) {
  crypto_generichash_update(&state_->hash, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
}

std::string Blake2b::text() {
  std::array<unsigned char, kHashDigits / 2> hash{};
  crypto_generichash_final(&state_->hash, hash.data(), hash.size());
  return hexadecimal(hash);
}

std::string hash_text(std::span<const std::byte> bytes) {
  Blake2b hash;
  hash.update(bytes);
  return hash.text();
}

bool is_hexadecimal(std::string_view text, std::size_t count) {
  return text.size() == count && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string hexadecimal(std::span<const unsigned char> bytes) {
  std::string text(bytes.size() * 2 + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), bytes.data(), bytes.size());
  text.pop_back();
  return text;
}

}  // namespace noggin::update
