// SHA-256 (FIPS 180-4): the hash that binds a certificate to files. Unlike XXH3 (content_hash.h), no other bytes can be
// found that have the same one. Here so that the small runtime can check a certificate without a library.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace noggin {

// The hash of bytes that arrive in pieces, in order. Not thread-safe.
class Sha256 {
 public:
  using Digest = std::array<std::uint8_t, 32>;

  void update(std::span<const std::byte> bytes);
  void update(std::string_view text) { update(std::as_bytes(std::span(text))); }
  // Of all bytes so far; more can follow.
  Digest digest() const;
  // The same as 64 lower-case hexadecimal digits.
  std::string hex_digest() const;

 private:
  static constexpr std::size_t kBlockBytes = 64;
  void take_block(const std::byte* block);

  std::array<std::uint32_t, 8> state_ = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                         0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<std::byte, kBlockBytes> block_{};  // the last bytes, less than a block
  std::uint64_t bytes_ = 0;
};

inline std::string sha256_hex(std::string_view text) {
  Sha256 hash;
  hash.update(text);
  return hash.hex_digest();
}

}  // namespace noggin
