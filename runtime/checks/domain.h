// Names of hosts, for e-mail addresses and URLs.
#pragma once

#include <cstddef>
#include <string_view>

namespace noggin::checks {

// Where the domain that starts at text[position] ends: labels of up to 63 ASCII letters, digits and inner hyphens with
// dots between, at least two of them, the last one of letters (two or more) or "xn--..."; labels behind the last such
// one do not belong to it. `position` if there is none, or it is part of a longer word. At most 260 bytes.
std::size_t domain_end(std::string_view text, std::size_t position);

// The same for IPv4 (kinds.h), looking only forward. At most 16 bytes.
std::size_t ipv4_end(std::string_view text, std::size_t position);

}  // namespace noggin::checks
