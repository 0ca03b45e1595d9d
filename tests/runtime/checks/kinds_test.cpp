// Each kind of check: what it finds, where that ends, and what it leaves alone.
#include "checks/kinds.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "checks/find.h"

namespace noggin::checks {
namespace {

using spec::Check;
using spec::CheckKind;

// All that a kind finds, with a bar between.
std::string found(CheckKind kind, const std::string& text) {
  const Check check{kind, 0};
  std::string result;
  TaggedSpan span{};
  for (std::size_t from = 0; find_next(std::span(&check, 1), text, from, span); from = span.place.end) {
    if (!result.empty()) result += '|';
    result += text.substr(span.place.begin, span.place.end - span.place.begin);
  }
  return result;
}

std::string letters(std::size_t count, const char* behind, const char* before = "") {
  std::string text = before;
  for (; count > 0; --count) text.push_back('a');
  return text.append(behind);
}

struct Sample {
  std::string text, found;
};
void expect_found(CheckKind kind, const std::vector<Sample>& samples) {
  for (const Sample& sample : samples) EXPECT_EQ(found(kind, sample.text), sample.found) << sample.text;
}
// In any surroundings that are no part of a word.
void expect_alone(CheckKind kind, const std::vector<std::string>& whole) {
  for (const std::string& text : whole) {
    EXPECT_EQ(found(kind, text), text);
    for (const char* around : {" ", "(", "\"", "\n", "\xE2\x80\x9C", "\xEF\xBC\x9A", "\xE5\x8F\xB7", "\xFF", "*"})
      EXPECT_EQ(found(kind, "a " + std::string(around) + text + around + " b"), text) << around;
    for (const char* end : {".", ",", ";", "!", "?", ")", "."}) EXPECT_EQ(found(kind, text + end), text) << end;
    if (text.find(":1.2.3.4") != std::string::npos) continue;  // which is an address, too
    EXPECT_EQ(found(kind, "x" + text), kind == CheckKind::kEmail ? "x" + text : "");
    EXPECT_EQ(found(kind, "_" + text), kind == CheckKind::kEmail ? "_" + text : "");
    EXPECT_EQ(found(kind, "\xC3\xA9" + text), "") << text;
  }
}

TEST(Card, IsFoundByIssuerLengthAndChecksum) {
  expect_alone(CheckKind::kCard, {"4111111111111111", "4111 1111 1111 1111", "4111-1111-1111-1111", "5105105105105100",
                                  "378282246310005", "3782 822463 10005", "30569309025904", "6011111111111117",
                                  "3530111333300000", "4222222222222", "2223003122003222", "4000000000000000006"});
  expect_found(CheckKind::kCard, {
                                     {"4111111111111112", ""},   // checksum
                                     {"1111111111111117", ""},   // no issuer
                                     {"411111111111116", ""},    // length
                                     {"0000000000000000", ""},   //
                                     {"41111111111111111", ""},  // longer
                                     {"123456789012345678901234567890", ""},
                                     {"+4111111111111111", ""},
                                     {"4111111111111111a", ""},
                                     {"4111111111111111_", ""},
                                     {"4111111111111111.5 and 0.4111111111111111", ""},
                                     {"4111111111111111-5 5-4111111111111111", ""},
                                     {"4111  1111 1111 1111", ""},  // two spaces
                                     {"4111-1111 1111 1111", ""},   // two separators
                                     {"4111 1111 11 11 1111", ""},  // small groups
                                     {"41 11 11 11 11 11 11 11", ""},
                                     {"4111 1111 1111 1111 12/27 123", "4111 1111 1111 1111"},
                                     {"4111 1111 1111 1111 1111", ""},  // a longer number in fours
                                     {"61 4111 1111 1111 1111", ""},
                                     {"4111111111111111 5105105105105100", "4111111111111111|5105105105105100"},
                                     {"4111-1111-1111-1111-", "4111-1111-1111-1111"},
                                 });
}

TEST(Card, IsNotFoundWithAnyOneDigitChanged) {
  for (const std::string& number :
       {std::string("4111111111111111"), std::string("378282246310005"), std::string("4000000000000000006")}) {
    for (std::size_t i = 0; i < number.size(); ++i) {
      for (char digit = '0'; digit <= '9'; ++digit) {
        std::string changed = number;
        changed[i] = digit;
        EXPECT_EQ(found(CheckKind::kCard, changed), changed == number ? number : "");
      }
    }
  }
}

// The same sum, from the left and with other words.
bool luhn(const std::string& digits) {
  int sum = 0;
  bool doubled = digits.size() % 2 == 0;
  for (const char c : digits) {
    const int value = (c - '0') * (doubled ? 2 : 1);
    sum += value / 10 + value % 10;
    doubled = !doubled;
  }
  return sum % 10 == 0;
}

TEST(Card, AgreesWithASecondComputation) {
  std::mt19937 random(5);
  int cards = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string number = "4";
    while (number.size() < 16) number += static_cast<char>('0' + random() % 10);
    EXPECT_EQ(found(CheckKind::kCard, number), luhn(number) ? number : "");
    cards += luhn(number);
  }
  EXPECT_GT(cards, 1500);
}

TEST(Iban, IsFoundByCountryLengthAndRemainder) {
  expect_alone(CheckKind::kIban,
               {"DE89370400440532013000", "DE89 3704 0044 0532 0130 00", "GB29NWBK60161331926819",
                "gb29nwbk60161331926819", "NO9386011117947", "MT84MALT011000012345MTLCAST001S", "BE68 5390 0754 7034"});
  expect_found(CheckKind::kIban, {
                                     {"DE88370400440532013000", ""},
                                     {"DE8937040044053201300", ""},
                                     {"DE893704004405320130000", ""},
                                     {"ZZ89370400440532013000", ""},
                                     {"DE89 37040044 0532 0130 00", ""},
                                     {"DE89  3704 0044 0532 0130 00", ""},
                                     {"DE89 3704 0044 0532 0130 00 and", "DE89 3704 0044 0532 0130 00"},
                                     {"IBAN:DE89370400440532013000.", "DE89370400440532013000"},
                                     {"D89370400440532013000", ""},
                                     {"DE", ""},
                                     {"DE89", ""},
                                 });
}

TEST(Iban, AgreesWithLongDivision) {
  std::mt19937 random(6);
  const std::string characters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  int ibans = 0;
  for (int i = 0; i < 4000; ++i) {
    std::string account;
    while (account.size() < 18) account += characters[random() % characters.size()];
    std::string digits;
    for (const char c : account + "GB00") {
      const std::size_t value = characters.find(c);
      digits += value > 9 ? std::to_string(value) : std::string(1, c);
    }
    int remainder = 0;
    for (const char c : digits) remainder = (remainder * 10 + (c - '0')) % 97;
    const int right = 98 - remainder;
    for (int check = 0; check < 100; check += i < 40 ? 1 : 97) {
      const std::string iban =
          "GB" + std::string(1, static_cast<char>('0' + check / 10)) + static_cast<char>('0' + check % 10) + account;
      EXPECT_EQ(found(CheckKind::kIban, iban), check == right ? iban : "") << right;
      ibans += check == right;
    }
  }
  EXPECT_GE(ibans, 40);
}

TEST(Email, IsANameAndADomain) {
  expect_alone(CheckKind::kEmail,
               {"anna@example.org", "a@b.co", "first.last+tag@mail.example.co.uk", "o'brien@example.org",
                "x_y-z%w@sub-domain.example.xn--p1ai", "ANNA@EXAMPLE.ORG", "1@2.de"});
  expect_found(CheckKind::kEmail, {
                                      {"'anna@example.org'", "anna@example.org"},
                                      {"<anna@example.org>", "anna@example.org"},
                                      {"mailto:anna@example.org?subject=x", "anna@example.org"},
                                      {"to=anna@example.org&x", "anna@example.org"},
                                      {"-anna@example.org", "anna@example.org"},
                                      {"anna@example.org, ben@example.org", "anna@example.org|ben@example.org"},
                                      {"anna@example.org.", "anna@example.org"},
                                      {"anna@example.org.2024", "anna@example.org"},
                                      {"anna@example.org- yes", "anna@example.org"},
                                      {"anna@example", ""},
                                      {"anna@example.o", ""},
                                      {"anna@example.org_x", ""},
                                      {"anna@a.example.org\xC3\xA9", ""},
                                      {"anna@.example.org", ""},
                                      {"anna@-example.org", ""},
                                      {"anna.@example.org", ""},
                                      {"an..na@example.org", "na@example.org"},
                                      {"anna @example.org", ""},
                                      {"a@b@example.org", ""},
                                      {"anna@example.org@x", ""},
                                      {"\xC3\xA9ric@example.org", ""},
                                      {"@example.org", ""},
                                      {"anna@1.2.3.4", ""},
                                      {letters(64, "@b.de"), letters(64, "@b.de")},
                                      {letters(65, "@b.de"), ""},
                                      {letters(63, ".de", "a@"), letters(63, ".de", "a@")},
                                      {letters(64, ".de", "a@"), ""},
                                  });
}

TEST(Ip, IsV4) {
  expect_alone(CheckKind::kIp, {"192.168.0.1", "0.0.0.0", "255.255.255.255"});
  expect_found(CheckKind::kIp, {
                                   {"256.1.1.1", ""},
                                   {"1.2.3", ""},
                                   {"1.2.3.4.5", ""},
                                   {"01.2.3.4", ""},
                                   {"1.2.3.1000", ""},
                                   {"v1.2.3.4", ""},
                                   {"1.2.3.4-beta", ""},
                                   {"ip-1.2.3.4", ""},
                                   {"10.0.0.1-10.0.0.9", "10.0.0.1|10.0.0.9"},
                                   {"http://10.0.0.1:8080/x", "10.0.0.1"},
                                   {"10.0.0.0/8", "10.0.0.0"},
                                   {"host:10.0.0.1", "10.0.0.1"},
                                   {"1..2.3.4", ""},
                               });
}

TEST(Ip, IsV6) {
  expect_alone(CheckKind::kIp,
               {"2001:db8::1", "::1", "fe80::1ff:fe23:4567:890a", "2001:0db8:85a3:0000:0000:8a2e:0370:7334",
                "1::", "::ffff:1.2.3.4", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:7::"});
  expect_found(CheckKind::kIp, {
                                   {"::", ""},
                                   {"a::b", ""},
                                   {"std::vector", ""},
                                   {"12:30:45", ""},
                                   {"00:1b:44:11:3a:b7", ""},
                                   {"1:2:3:4:5:6:7:8:9", ""},
                                   {"1::2::3", ""},
                                   {"1:2:3:4:5:6:7:8::", ""},
                                   {"12345::1", ""},
                                   {"1:2:3:4:5:6:7:1.2.3.4", "1.2.3.4"},
                                   {"[2001:db8::1]:443", "2001:db8::1"},
                                   {"fe80::1%eth0", "fe80::1"},
                                   {"2001:db8::/32", "2001:db8::"},
                                   {"see 2001:db8::1: it", "2001:db8::1"},
                                   {":::1", ""},
                                   {"1::x", ""},
                               });
}

TEST(UsSsn, IsFoundByItsForm) {
  expect_alone(CheckKind::kUsSsn, {"123-45-6789", "001-01-0001", "899-99-9999"});
  expect_found(CheckKind::kUsSsn, {
                                      {"000-45-6789", ""},
                                      {"666-45-6789", ""},
                                      {"900-45-6789", ""},
                                      {"123-00-6789", ""},
                                      {"123-45-0000", ""},
                                      {"123456789", ""},
                                      {"123 45 6789", ""},
                                      {"123-45-67890", ""},
                                      {"1123-45-6789", ""},
                                      {"1-123-45-6789", ""},
                                      {"123-45-6789-1", ""},
                                      {"+123-45-6789", ""},
                                      {"SSN:123-45-6789.", "123-45-6789"},
                                  });
}

TEST(Url, IsASchemeAndAHost) {
  expect_alone(CheckKind::kUrl, {"http://example.org", "https://www.example.org/a/b?c=d&e=f#g", "HTTP://10.0.0.1:80/x",
                                 "https://example.org:8443", "http://example.org/a_(b)", "http://example.org/"});
  expect_found(CheckKind::kUrl, {
                                    {"(see http://example.org/a)", "http://example.org/a"},
                                    {"http://example.org/a.", "http://example.org/a"},
                                    {"http://example.org/a, b", "http://example.org/a"},
                                    {"<a href=\"http://example.org/a\">", "http://example.org/a"},
                                    {"http://example.org?", "http://example.org"},
                                    {"http://example.org:", "http://example.org"},
                                    {"http://localhost/", ""},
                                    {"http://", ""},
                                    {"https", ""},
                                    {"ftp://example.org", ""},
                                    {"xhttp://example.org", ""},
                                    {"http://a.user@example.org", ""},
                                    {"www.example.org", ""},
                                    {"http://a.de http://b.de", "http://a.de|http://b.de"},
                                });
}

}  // namespace
}  // namespace noggin::checks
