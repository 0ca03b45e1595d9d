// Which id each piece of a pretrained folder has: the row of its embedding. transformers decides it, and nothing here
// may shift one. Private to data/.
#pragma once

#include <string>
#include <vector>

#include "noggin/result.h"

namespace noggin::data {

struct PieceIds {
  std::vector<std::string> pieces;  // id = index; distinct, none empty
  std::vector<std::string> notes;   // what a user should know about them
};

// As transformers reads vocab.txt: the number of a line, from 0, is the id of its piece; of a doubled piece the last
// line counts. Errors: those of read_input_file, and kBadData for a file that its two readers (Python's and Rust's)
// would cut into different lines.
Result<PieceIds> read_vocab_txt(const std::string& path);

// Gives ids without a piece (an empty string) a name that no text reaches, "[unused_id_7]", in the manner of BERT's own
// spare rows; such ids at the end are removed. Returns how many ids below the last piece have none.
std::size_t name_unused_ids(std::vector<std::string>& pieces);

// `pieces` in quotes, at most three of them: "a", "b", "c", ...
std::string examples_of(const std::vector<std::string>& pieces);

}  // namespace noggin::data
