#include "data/decisions/redaction.h"

#include <gmock/gmock.h>

namespace noggin::data {
namespace {

TEST(Redaction, KnowsTheMarksOfGateways) {
  for (const char* mark : {"redacted-by-litellm", "[REDACTED]", "<redacted>", " redacted-by-x\n",
                           "user: redacted-by-x\n\nassistant: redacted-by-x", "note: [REDACTED]"})
    EXPECT_TRUE(is_redacted(mark)) << mark;
  for (const char* text : {"redacted", "redacted-by-whom is this?", "the [REDACTED] letter", "", "[]", "[[",
                           "user: redacted-by-x\n\nassistant: hello"})
    EXPECT_FALSE(is_redacted(text)) << text;
}

}  // namespace
}  // namespace noggin::data
