#include "export/report/confusion_matrix.h"

#include <algorithm>

namespace noggin::exporter {
namespace {

struct ClassErrors {
  std::size_t index = 0;
  std::uint64_t rows = 0, errors = 0;  // of this class, as gold or as answer
};

std::vector<ClassErrors> occurring(std::span<const std::int32_t> predicted, std::span<const std::int32_t> gold,
                                   std::size_t classes) {
  std::vector<ClassErrors> all(classes);
  for (std::size_t c = 0; c < classes; ++c) all[c].index = c;
  for (std::size_t row = 0; row < gold.size(); ++row) {
    if (gold[row] < 0) continue;
    for (const std::int32_t c : {gold[row], predicted[row]}) {
      ++all.at(static_cast<std::size_t>(c)).rows;
      if (gold[row] != predicted[row]) ++all[static_cast<std::size_t>(c)].errors;
    }
  }
  std::erase_if(all, [](const ClassErrors& c) { return c.rows == 0; });
  return all;
}

}  // namespace

ConfusionMatrix confusion_matrix(std::span<const std::int32_t> predicted, std::span<const std::int32_t> gold,
                                 std::span<const std::string> labels, std::size_t max_classes) {
  std::vector<ClassErrors> shown = occurring(predicted, gold, labels.size());
  const bool some_left = shown.size() > max_classes;
  std::ranges::stable_sort(shown, std::ranges::greater(), &ClassErrors::errors);
  if (some_left) shown.resize(max_classes);
  std::ranges::sort(shown, {}, &ClassErrors::index);

  ConfusionMatrix matrix;
  std::vector<std::size_t> place(labels.size(), shown.size());  // of a class in the matrix; the last place: the others
  for (std::size_t i = 0; i < shown.size(); ++i) {
    place[shown[i].index] = i;
    matrix.names.push_back(labels[shown[i].index]);
  }
  if (some_left) matrix.names.emplace_back(kOtherClasses);
  matrix.counts.assign(matrix.names.size(), std::vector<std::uint64_t>(matrix.names.size()));
  for (std::size_t row = 0; row < gold.size(); ++row) {
    if (gold[row] < 0) continue;
    ++matrix.counts[place[static_cast<std::size_t>(gold[row])]][place[static_cast<std::size_t>(predicted[row])]];
  }
  return matrix;
}

}  // namespace noggin::exporter
