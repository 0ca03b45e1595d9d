// When two spellings of a class are the same class.
//
// The same: what Unicode calls canonically equivalent ("é" as one character, or as "e" with an accent), outer white
// space of any kind, characters that show nothing (zero-width ones, variation selectors, a byte order mark), and the
// case of ASCII letters.
// Not the same: compatibility forms ("ﬁ" and "fi", fullwidth letters, "²" and "2") and the case of other letters,
// which people can tell apart and may mean. Letters of different scripts that look alike (Latin and Cyrillic "a") are
// different too; no table here knows them.
#pragma once

#include <string>
#include <string_view>

namespace noggin::data {

// Without outer white space.
std::string_view trimmed_name(std::string_view name);
// Equal for two spellings of one class.
std::string class_key(std::string_view name);
// The same without folding ASCII case: for places that name a class of the recipe.
std::string exact_class_key(std::string_view name);
// Equal for names that look much alike although they are different classes: compatibility forms and all cases folded.
// For hints in messages only.
std::string look_alike_key(std::string_view name);

// look_alike_key with every run of "_", "-", white space and the space marks of pieces ("▁", "Ġ") between other
// characters as one space: for words of an answer. At the ends they stay ("-1", "A-").
std::string loose_key(std::string_view name);
// The same of ASCII without outer white space, into `key`, which has room for it; returns its bytes. No allocation.
std::size_t loose_ascii_key(std::string_view name, char* key);

}  // namespace noggin::data
