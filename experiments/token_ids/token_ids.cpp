// Noggin's token ids with the tokenizer of a Hugging Face folder.
//
// Usage: token_ids FOLDER <TEXTS >IDS     both one JSON value a line: a string in, a list of ids out
#include <iostream>
#include <nlohmann/json.hpp>

#include "data/pretrained/pretrained_folder.h"
#include "spec/model_config.h"
#include "tokenizer/wordpiece.h"

int main(int argc, char** argv) {
  using namespace noggin;
  if (argc != 2) {
    std::cerr << "usage: token_ids FOLDER <TEXTS >IDS\n";
    return 2;
  }
  const Result<data::PretrainedFolder> folder = data::read_pretrained_folder(argv[1]);
  if (!folder) {
    std::cerr << folder.error().message << '\n';
    return 1;
  }
  const auto section = runtime::serialize_tokenizer(folder->tokenizer);
  const auto tokenizer = runtime::WordPieceTokenizer::bind(*section);
  std::vector<std::uint32_t> ids(1U << 20);  // nothing is cut
  for (std::string line; std::getline(std::cin, line);) {
    const std::size_t count = tokenizer->encode(nlohmann::json::parse(line).get<std::string>(), ids);
    std::cout << nlohmann::json(
                     std::vector<std::uint32_t>(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(count)))
              << '\n';
  }
  return 0;
}
