// What may stand around a word of an answer without being part of it, and where words begin and end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace noggin::data {

// Bytes of the mark that `text` begins or ends with; 0: it begins or ends with none. Marks are white space, quotes,
// brackets, emphasis (* _ ` ~~), "\boxed{", table bars, the piece marks of tokenizers ("▁", "Ġ", "Ċ", "##"), a byte
// order mark, tags and special tokens ("<answer>", "<|im_end|>", "</s>"), a bullet in front, and punctuation behind. A
// mark in front is never "!", "-" before a digit or anything else that changes what is said.
std::size_t mark_in_front(std::string_view text);
std::size_t mark_behind(std::string_view text);
// Without all marks in front.
std::string_view without_marks_in_front(std::string_view text);
// Whether both ends of `text` have a mark that encloses: not punctuation or a bullet.
bool is_enclosed(std::string_view text);

// Letters, digits and "_", of any script.
bool is_word_character(std::uint32_t code_point);
// Whether a word may begin, or end, at text[at]: not inside a run of letters and digits, nor beside "-", "'", "." and
// the like that join it to more of them ("non-spam", "isn't", "1.5", "-1", "C++", "5%").
bool word_begins(std::string_view text, std::size_t at);
bool word_ends(std::string_view text, std::size_t at);

// The code point before text[at], at > 0; moves `at` to where it begins.
std::uint32_t decode_backwards(std::string_view text, std::size_t& at);

// ASCII letters without case.
bool equal_without_case(std::string_view a, std::string_view b);

}  // namespace noggin::data
