// The key that signs, in the file format of the tool minisign, which reads these files and whose files are read here.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "noggin/result.h"
#include "update/minisign.h"

namespace noggin::publish {

// Ed25519; wiped from memory when it goes.
class SecretKey {
 public:
  static Result<SecretKey> generate();
  // The text of a secret key file. kInvalidArgument: the password is wrong; kCorrupt: this is no such file;
  // kOutOfSpace: no memory for scrypt (1 GiB as minisign sets it).
  static Result<SecretKey> parse(std::string_view file_text, const std::string& password);
  static bool needs_password(std::string_view file_text);
  SecretKey(SecretKey&& other) noexcept;
  SecretKey& operator=(SecretKey&&) = delete;
  ~SecretKey();

  // The text of a file; the secret is encrypted with the password by scrypt (Percival 2009), at the cost that minisign
  // uses. Empty: not encrypted. kOutOfSpace.
  Result<std::string> file_text(const std::string& password) const;
  const update::PublicKey& public_key() const { return public_; }
  // comment: one line that is signed, too; kInvalidArgument if it is not one line of printable text, or too long.
  Result<update::Signature> sign(std::span<const std::byte> message, const std::string& trusted_comment) const;

 private:
  SecretKey() = default;
  update::PublicKey public_;
  std::array<unsigned char, 64> secret_{};
};

inline constexpr std::size_t kMostPasswordBytes = 1024;
inline constexpr std::size_t kMostCommentBytes = 1024;

}  // namespace noggin::publish
