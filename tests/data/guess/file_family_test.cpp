#include "data/guess/file_family.h"

#include <gmock/gmock.h>

#include "tests/support/cli_temporary_folder.h"

namespace noggin::data {
namespace {

TEST(FileFamily, IsWhatMostDocumentsAre) {
  test::TemporaryFolder folder;
  const auto family = [&](const std::string& text) { return family_of_file(folder.write("log", text)); };
  EXPECT_EQ(family("{\"custom_id\": \"1\", \"response\": {\"body\": {\"choices\": []}}}\n"), "openai_batch");
  EXPECT_EQ(family("{\"a\": 1, \"b\": 2}\nnonsense\n{\"a\": 1, \"b\": 2}\n"), "rows with the fields \"a\", \"b\"");
  EXPECT_EQ(family("nonsense\nnonsense too\n"), "lines that are no JSON");
  EXPECT_EQ(family("[\"Bern\", {\"entities\": []}]\n[\"Graz\", {\"entities\": []}]\n"), "spacy");
  EXPECT_EQ(family_of_file(folder.file("absent")), "");
}

}  // namespace
}  // namespace noggin::data
