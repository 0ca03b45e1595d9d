#include "bytes/bound_text.h"

#include "bytes/sha256.h"

namespace noggin {
namespace {

constexpr std::string_view kEnd = "\n}\n";
constexpr std::string_view kMember = ",\n  \"sha256\": \"";

}  // namespace

std::string bind_text(std::string_view object) {
  std::string text(object.substr(0, object.size() - kEnd.size()));
  text += kMember;
  return text.append(sha256_hex(object)).append("\"").append(kEnd);
}

TextBinding binding_of(std::string_view text) {
  constexpr std::size_t kDigits = 64;
  const std::size_t end_bytes = kMember.size() + kDigits + 1 + kEnd.size();
  const bool bound = text.size() > end_bytes && text.ends_with(kEnd) &&
                     text.substr(text.size() - end_bytes).starts_with(kMember) &&
                     text[text.size() - kEnd.size() - 1] == '"';
  if (!bound) return {{}, sha256_hex(text)};
  const std::string_view rest = text.substr(0, text.size() - end_bytes);
  Sha256 hash;
  hash.update(rest);
  hash.update(kEnd);
  return {std::string(text.substr(rest.size() + kMember.size(), kDigits)), hash.hex_digest()};
}

}  // namespace noggin
