// One function for each kind of check: does a span of this kind start at text[position], and where does it end? Returns
// the end, or `position` if none starts there. position < text.size().
// All look at bytes alone: no state, no locale, no allocation. Each looks at no more bytes than its bound says.
#pragma once

#include <cstddef>
#include <string_view>

namespace noggin::checks {

// 13 to 19 digits, with a prefix and a length that an issuer uses, and Luhn's checksum (ISO/IEC 7812-1). In one piece,
// or a group of four and groups of three to six with always the same separator, one space or one hyphen. Not a part of
// a longer number. At most 48 bytes.
std::size_t card_end(std::string_view text, std::size_t position);

// Country, check digits and an account of the country's length whose remainder by 97 is 1 (ISO 13616). In one piece or
// in groups of four with a space between; capital or small letters. At most 48 bytes.
std::size_t iban_end(std::string_view text, std::size_t position);

// name@domain: a name of up to 64 ASCII letters, digits and . _ % + - ' (the part of RFC 5321 that is in use), a domain
// as in domain.h. Punctuation around it is not part of it. At most 330 bytes.
std::size_t email_end(std::string_view text, std::size_t position);

// IPv4, four numbers from 0 to 255 without leading zeros, or IPv6 (RFC 4291), where a shortened one has a decimal
// digit, so that a::b of a program is none. Without port, prefix length and zone; of a range both
// ends. At most 64 bytes.
std::size_t ip_end(std::string_view text, std::size_t position);

// A social security number of the United States: 3-2-4 digits with hyphens, with an area that may exist (not 000, 666,
// 9xx), a group that is not 00 and a serial number that is not 0000. At most 16 bytes.
std::size_t us_ssn_end(std::string_view text, std::size_t position);

// http:// or https://, a host (a domain as in domain.h, or IPv4), perhaps a port, a path, a query and a fragment up to
// white space, quotes, angle brackets or a character beyond ASCII. Punctuation behind it is not part of it. No bound
// where one is found; else at most 280 bytes.
std::size_t url_end(std::string_view text, std::size_t position);

}  // namespace noggin::checks
