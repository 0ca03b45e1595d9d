// The texts of a model's golden vectors where the file shall quote no data.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace noggin::exporter {

// Texts for corner cases that quote no data row: recombined words of the vocabulary, an empty text, one longer than the
// model's window of `max_tokens`, repeated words, digits, non-Latin scripts, emoji, control characters. Deterministic:
// vocabulary, window and count decide them.
std::vector<std::string> synthetic_golden_texts(const std::vector<std::string>& vocabulary, std::size_t max_tokens,
                                                std::size_t count);

}  // namespace noggin::exporter
