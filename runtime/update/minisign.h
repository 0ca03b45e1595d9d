// Signatures in the form of the tool minisign (Frank Denis; https://jedisct1.github.io/minisign/), so that anybody can
// check them without this project: Ed25519 (RFC 8032) over the BLAKE2b-512 of a file, and a comment that a second
// signature covers together with the first. Only this prehashed form ("ED"), which minisign writes, is accepted.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "noggin/result.h"

namespace noggin::update {

using KeyId = std::array<unsigned char, 8>;

struct PublicKey {
  KeyId id{};
  std::array<unsigned char, 32> point{};
  bool operator==(const PublicKey&) const = default;
};

struct Signature {
  KeyId id{};                                  // of the key that has signed
  std::array<unsigned char, 64> of_file{};     // of the BLAKE2b-512 of the file
  std::array<unsigned char, 64> of_comment{};  // of of_file and the comment, one after the other
  std::string trusted_comment;                 // one line
};

inline constexpr std::string_view kSignatureSuffix = ".minisig";
inline constexpr std::size_t kMostSignatureBytes = 4096;
inline constexpr std::size_t kMostKeyBytes = 4096;

// As minisign shows it: 16 upper-case hexadecimal digits.
std::string key_name(const KeyId& id);

// A public key file, or its second line alone. kBadData.
Result<PublicKey> parse_public_key(std::string_view text);
std::string public_key_line(const PublicKey& key);  // base64, without line feed
std::string public_key_file(const PublicKey& key);

// The four lines of a .minisig file, and back. kBadData.
Result<Signature> parse_signature(std::string_view text);
std::string signature_file(const Signature& signature, std::string_view untrusted_comment);

// BLAKE2b-512, which of_file signs.
std::array<unsigned char, 64> prehash(std::span<const std::byte> message);
// What of_comment signs.
std::string comment_message(const Signature& signature);

// Whether both signatures are of this key (whose id the signature must name), this message and this comment.
bool verifies(const PublicKey& key, std::span<const std::byte> message, const Signature& signature);

// Base64 of exactly `size` bytes; false otherwise. Used for keys and signatures.
bool decode_base64(std::string_view text, std::span<unsigned char> bytes);
std::string encode_base64(std::span<const unsigned char> bytes);

}  // namespace noggin::update
