// The real Unicode tables, seen through the runtime's reader.
#include <gtest/gtest.h>

#include <string>

#include "data/vocabulary/vocabulary.h"
#include "tokenizer/normalizer.h"

namespace noggin::data {
namespace {

struct Golden {
  const char* text;
  const char* folded;  // lowercase, accents stripped
  const char* kept;    // neither
};

// Words as Hugging Face's BertNormalizer and BertPreTokenizer give them (tokenizers 0.23.3), joined by '|'.
constexpr Golden kGolden[] = {
    {"Cr\u00E8me BR\u00DBL\u00C9E, s'il vous pla\u00EEt!", "creme|brulee|,|s|'|il|vous|plait|!",
     "Cr\u00E8me|BR\u00DBL\u00C9E|,|s|'|il|vous|pla\u00EEt|!"},
    {"\u00DCbergr\u00F6\u00DFentr\u00E4ger", "ubergro\u00DFentrager", "\u00DCbergr\u00F6\u00DFentr\u00E4ger"},
    {"\u0391\u03A3\u039F\u03A3 \u03AC\u03AD\u037E\u03C4\u03B9\u0387",
     "\u03B1\u03C3\u03BF\u03C3|\u03B1\u03B5|;|\u03C4\u03B9|\u00B7",
     "\u0391\u03A3\u039F\u03A3|\u03AC\u03AD|\u037E|\u03C4\u03B9|\u0387"},
    {"\u0130stanbul \u0131I \u01C5", "istanbul|\u0131i|\u01C6", "\u0130stanbul|\u0131I|\u01C5"},
    {"\u65E5\u672C\u8A9E\u3068\u30AB\u30BF\u30AB\u30CA\u3001\u6F22\u5B57",
     "\u65E5|\u672C|\u8A9E|\u3068\u30AB\u30BF\u30AB\u30CA|\u3001|\u6F22|\u5B57",
     "\u65E5|\u672C|\u8A9E|\u3068\u30AB\u30BF\u30AB\u30CA|\u3001|\u6F22|\u5B57"},
    {"\uD55C\uAD6D\uC5B4 \uAC01\uD7A3",
     "\u1112\u1161\u11AB\u1100\u116E\u11A8\u110B\u1165|\u1100\u1161\u11A8\u1112\u1175\u11C2",
     "\uD55C\uAD6D\uC5B4|\uAC01\uD7A3"},
    {"I \u2764\uFE0F \U0001F469\u200D\U0001F469\u200D\U0001F467\U0001F3FD\U0001F1E9\U0001F1EA pizza",
     "i|\u2764|\U0001F469\U0001F469\U0001F467\U0001F3FD\U0001F1E9\U0001F1EA|pizza",
     "I|\u2764\uFE0F|\U0001F469\U0001F469\U0001F467\U0001F3FD\U0001F1E9\U0001F1EA|pizza"},
    {"\u041F\u0440\u0438\u0432\u0435\u0442, \u0401\u0436\u0438\u043A \u0439",
     "\u043F\u0440\u0438\u0432\u0435\u0442|,|\u0435\u0436\u0438\u043A|\u0438",
     "\u041F\u0440\u0438\u0432\u0435\u0442|,|\u0401\u0436\u0438\u043A|\u0439"},
    {"\u0645\u0631\u062D\u0628\u0627\u064B \u0628\u0627\u0644\u0639\u0627\u0644\u0645",
     "\u0645\u0631\u062D\u0628\u0627|\u0628\u0627\u0644\u0639\u0627\u0644\u0645",
     "\u0645\u0631\u062D\u0628\u0627\u064B|\u0628\u0627\u0644\u0639\u0627\u0644\u0645"},
    {"\u0939\u093F\u0928\u094D\u0926\u0940 \u0915\u094D\u0937\u093F",
     "\u0939\u093F\u0928\u0926\u0940|\u0915\u0937\u093F",
     "\u0939\u093F\u0928\u094D\u0926\u0940|\u0915\u094D\u0937\u093F"},
    {"ti\u1EBFng Vi\u1EC7t \u01A1", "tieng|viet|o", "ti\u1EBFng|Vi\u1EC7t|\u01A1"},
    {"a\u00ADb\u200Bc\u200Dd\uFEFFe", "abcde", "abcde"},
    {"x\u00A0y\u2003z\u2028w\u3000v", "x|y|z|w|v", "x|y|z|w|v"},
    {"\u2260\u226E \u00C5 \u212A \uFB01 \u2163 \u00BD", "=|<|a|k|\uFB01|\u2173|\u00BD",
     "\u2260\u226E|\u00C5|\u212A|\uFB01|\u2163|\u00BD"},
    {"\u00ABquote\u00BB\u2014dash\u2026\u201Cx\u201D\u2018y\u2019",
     "\u00AB|quote|\u00BB|\u2014|dash|\u2026|\u201C|x|\u201D|\u2018|y|\u2019",
     "\u00AB|quote|\u00BB|\u2014|dash|\u2026|\u201C|x|\u201D|\u2018|y|\u2019"},
    {"e\u0301\u0327\u0308 n\u0303", "e|n", "e\u0301\u0327\u0308|n\u0303"},
    {"\U0001D49C \U00010400\U00010428 \U00020000x\U0002F800\uFA0E",
     "\U0001D49C|\U00010428\U00010428|\U00020000|x|\u4E3D|\uFA0E",
     "\U0001D49C|\U00010400\U00010428|\U00020000|x|\U0002F800|\uFA0E"},
    {"\u09F3\u09EB \u0995\u09CB", "\u09F3\u09EB|\u0995\u09C7\u09BE", "\u09F3\u09EB|\u0995\u09CB"},
    {"[SEP] [CLS] ##x", "[|sep|]|[|cls|]|#|#|x", "[|SEP|]|[|CLS|]|#|#|x"},
    {"\uE000a\U0010FFFDb\uFFFD", "ab", "ab"},
};

std::string words(std::string_view text, bool lowercase, bool strip_accents) {
  static const std::vector<std::byte> bytes = build_unicode_tables();
  static const runtime::UnicodeTables tables = *runtime::UnicodeTables::bind(bytes);
  runtime::WordReader reader(tables, {lowercase, strip_accents, 100}, text);
  std::string joined;
  while (reader.next()) joined.append(joined.empty() ? "" : "|").append(reader.word());
  return joined;
}

TEST(UnicodeTables, GiveTheWordsOfAnIndependentTokenizer) {
  for (const Golden& golden : kGolden) {
    EXPECT_EQ(words(golden.text, true, true), golden.folded) << golden.text;
    EXPECT_EQ(words(golden.text, false, false), golden.kept) << golden.text;
  }
}

// They are part of every model file.
TEST(UnicodeTables, AreSmall) { EXPECT_LT(build_unicode_tables().size(), 32'000U); }

TEST(UnicodeTables, AreTheSameEachTime) { EXPECT_EQ(build_unicode_tables(), build_unicode_tables()); }

}  // namespace
}  // namespace noggin::data
