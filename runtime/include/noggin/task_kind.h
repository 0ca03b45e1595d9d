// What a model answers.
#pragma once

#include <cstdint>

namespace noggin::spec {

// Values are those stored in files and never change.
enum class TaskKind : std::uint32_t {
  kSingleLabel = 1,  // one of C classes: softmax over the text's logits [C]
  kMultiLabel = 2,   // any of C classes: a sigmoid for each logit [C]
  kTag = 3,          // spans of a type: BIO classes per token, logits [T, C]
  kScore = 4,        // one number in [0, 1]: the sigmoid of the only logit, C = 1
  kEdit = 5,         // keep or delete per word: logits [T, 2], classes "keep", "delete"
};

}  // namespace noggin::spec

namespace noggin {
using spec::TaskKind;
}  // namespace noggin
