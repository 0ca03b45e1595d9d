#include "train/recipe/adopt_pretrained.h"

#include <fmt/format.h>

#include <numeric>

namespace noggin::train {
namespace {

// Sets values of a recipe that still have their defaults; reports the first that was set to something else.
class Adoption {
 public:
  explicit Adoption(const std::string& folder) : folder_(folder) {}

  template <typename T>
  void take(const char* key, T& value, const T& usual, const T& wanted) {
    if (value != usual && value != wanted && status_) {
      status_ = Error{ErrorCode::kInvalidArgument,
                      fmt::format("{} is {}, but {} says {}. Fix: remove the key; the folder sets it", key, value,
                                  folder_, wanted)};
    }
    value = wanted;
  }
  const Status& status() const { return status_; }

 private:
  const std::string& folder_;
  Status status_;
};

}  // namespace

Status adopt_pretrained(Recipe& recipe) {
  if (!recipe.online_teacher.folder.empty()) {
    const Result<data::PretrainedFolder> teacher = data::read_pretrained_folder(recipe.online_teacher.folder);
    if (!teacher) return Error{teacher.error().code, "live_teacher.folder: " + teacher.error().message};
  }
  if (recipe.init.folder.empty()) return {};
  const Result<data::PretrainedFolder> folder = data::read_pretrained_folder(recipe.init.folder);
  if (!folder) return folder.error();
  std::vector<std::uint32_t>& kept = recipe.init.keep_layers;
  if (kept.empty()) {
    kept.resize(folder->layers);
    std::iota(kept.begin(), kept.end(), 0U);
  }
  if (Status status = data::check_kept(*folder, kept, recipe.tokenizer.max_tokens); !status) return status;
  Adoption adoption(folder->path);
  StudentRecipe& student = recipe.student;
  const StudentRecipe usual;
  adoption.take("student.layers", student.layers, usual.layers, static_cast<std::uint32_t>(kept.size()));
  adoption.take("student.width", student.width, usual.width, folder->width);
  adoption.take("student.heads", student.heads, usual.heads, folder->heads);
  adoption.take("student.ffn_width", student.ffn_width, usual.ffn_width, folder->ffn_width);
  adoption.take("student.layer_norm_epsilon", student.layer_norm_epsilon, usual.layer_norm_epsilon,
                folder->layer_norm_epsilon);
  if (student.embedding_width >= folder->width) {
    return Error{
        ErrorCode::kInvalidArgument,
        fmt::format(
            "student.embedding_width is {}, but {} is only {} wide. Fix: take a narrower one, or remove the key",
            student.embedding_width, folder->path, folder->width)};
  }
  data::VocabularyOptions& tokenizer = recipe.tokenizer.training;
  const data::VocabularyOptions plain;
  adoption.take("tokenizer.lowercase", tokenizer.lowercase, plain.lowercase, folder->tokenizer.lowercase);
  adoption.take("tokenizer.strip_accents", tokenizer.strip_accents, plain.strip_accents,
                folder->tokenizer.strip_accents);
  adoption.take("tokenizer.max_word_characters", tokenizer.max_word_characters, plain.max_word_characters,
                folder->tokenizer.max_word_characters);
  return adoption.status();
}

}  // namespace noggin::train
