// JSON text whose last member is the SHA-256 of the rest, so that its lines cannot be changed one by one. Who changes a
// line and the hash is not found out by it: that takes a signature, or the things themselves.
#pragma once

#include <string>
#include <string_view>

namespace noggin {

// object: the text of a JSON object that is not empty, indented by two, with a line feed behind its last brace. Adds
// "sha256" as its last member: that of `object`, byte for byte.
std::string bind_text(std::string_view object);

// Of a text that bind_text() has given, perhaps changed since. stated: what stands in it, empty if it has no such end;
// found: the hash of the text as it is now. Equal: unchanged.
struct TextBinding {
  std::string stated, found;
  bool holds() const { return !stated.empty() && stated == found; }
};
TextBinding binding_of(std::string_view text);

}  // namespace noggin
