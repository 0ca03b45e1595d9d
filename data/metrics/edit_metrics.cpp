#include "data/metrics/edit_metrics.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

namespace noggin::data {
namespace {

std::vector<std::string_view> split(std::string_view text) {
  constexpr std::string_view kSpaces = " \t\r\n\v\f";
  std::vector<std::string_view> words;
  for (std::size_t begin = text.find_first_not_of(kSpaces); begin != std::string_view::npos;) {
    const std::size_t end = std::min(text.find_first_of(kSpaces, begin), text.size());
    words.push_back(text.substr(begin, end - begin));
    begin = text.find_first_not_of(kSpaces, end);
  }
  return words;
}

std::vector<std::string> spoken(const WordFolder& folder, std::string_view text) {
  std::vector<std::string> words;
  for (FoldedWord& word : folder.words(text))
    if (!word.punctuation) words.push_back(std::move(word.letters));
  return words;
}

}  // namespace

bool same_words(const WordFolder& folder, std::string_view answer, std::string_view target) {
  return spoken(folder, answer) == spoken(folder, target);
}

WordErrors word_errors(std::string_view answer, std::string_view target) {
  const std::vector<std::string_view> found = split(answer), wanted = split(target);
  // distance[j]: from the first i words found to the first j wanted.
  std::vector<std::uint64_t> distance(wanted.size() + 1);
  std::iota(distance.begin(), distance.end(), std::uint64_t{0});
  for (std::size_t i = 1; i <= found.size(); ++i) {
    std::uint64_t diagonal = distance[0];
    distance[0] = i;
    for (std::size_t j = 1; j <= wanted.size(); ++j) {
      const std::uint64_t replaced = diagonal + (found[i - 1] == wanted[j - 1] ? 0 : 1);
      diagonal = distance[j];
      distance[j] = std::min({replaced, distance[j] + 1, distance[j - 1] + 1});
    }
  }
  return {distance.back(), wanted.size()};
}

}  // namespace noggin::data
