#include "train/cli/reference_counts.h"

#include <string_view>
#include <vector>

#include "export/drift/count_answers.h"
#include "format/writer.h"
#include "train/run/failure.h"

namespace noggin::tool {

Counts reference_counts(const format::FrozenModel& model, std::span<const std::byte> tokenizer_section,
                        const data::ExampleTable& dev) {
  std::vector<std::string_view> texts;
  for (std::size_t row = 0; row < dev.rows(); ++row) texts.push_back(dev.text_of(row));
  const std::vector<std::byte> bytes = train::value_or_throw(format::serialize(model, tokenizer_section));
  return train::value_or_throw(exporter::count_answers(bytes, texts));
}

}  // namespace noggin::tool
