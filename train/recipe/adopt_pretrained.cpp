#include "train/recipe/adopt_pretrained.h"

#include <fmt/format.h>

#include <numeric>
#include <optional>
#include <string_view>
#include <unordered_set>

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

// Empty if the student pools as the encoder did, or not at all.
std::string pooling_note(const Recipe& recipe, const data::PretrainedPooling& pooling) {
  using Kind = data::PretrainedPooling::Kind;
  const bool mean = recipe.student.pooling == "mean";
  if (spec::traits_of(recipe.task).per_token() || pooling.kind == Kind::kUnknown) return {};
  if (pooling.kind == (mean ? Kind::kMean : Kind::kFirstToken)) return {};
  return fmt::format("{} says {}: the encoder was trained with {} pooling, but student.pooling is {}. Fix: {}",
                     pooling.file, pooling.mode,
                     pooling.kind == Kind::kOther  ? "another"
                     : pooling.kind == Kind::kMean ? "mean"
                                                   : "first-token",
                     recipe.student.pooling,
                     pooling.kind == Kind::kOther ? "none is needed; a student pools by mean or first_token, and more "
                                                    "training makes up for the difference"
                     : mean ? "set student.pooling: first_token, unless the difference is intended"
                            : "set student.pooling: mean, unless the difference is intended");
}

// A live teacher reads the student's tokens: each needs a row of its own table. A trimmed vocabulary is known only
// later.
Status check_common_pieces(const Recipe& recipe, const data::PretrainedFolder& teacher,
                           const data::PretrainedFolder& student) {
  if (recipe.tokenizer.trim) return {};
  const std::vector<std::string>&pieces = student.tokenizer.vocabulary, &known = teacher.tokenizer.vocabulary;
  const std::unordered_set<std::string_view> has(known.begin(), known.end());
  std::size_t missing = 0;
  std::string_view example;
  for (const std::string& piece : pieces) {
    if (has.contains(piece)) continue;
    if (missing++ == 0) example = piece;
  }
  if (missing == 0) return {};
  return Error{
      ErrorCode::kInvalidArgument,
      fmt::format("live_teacher.folder: {} lacks {} of the {} pieces of {}, the first is \"{}\". Fix: take two "
                  "encoders with one vocabulary",
                  teacher.path, missing, pieces.size(), student.path, example)};
}

}  // namespace

Result<std::vector<std::string>> adopt_pretrained(Recipe& recipe) {
  std::vector<std::string> notes;
  std::optional<data::PretrainedFolder> live_teacher;
  if (!recipe.online_teacher.folder.empty()) {
    Result<data::PretrainedFolder> teacher = data::read_pretrained_folder(recipe.online_teacher.folder);
    if (!teacher) return Error{teacher.error().code, "live_teacher.folder: " + teacher.error().message};
    for (const std::string& note : teacher->notes) notes.push_back("live_teacher.folder: " + note);
    live_teacher = *std::move(teacher);
  }
  if (recipe.init.folder.empty()) return notes;
  const Result<data::PretrainedFolder> folder = data::read_pretrained_folder(recipe.init.folder);
  if (!folder) return Error{folder.error().code, "init.folder: " + folder.error().message};
  for (const std::string& note : folder->notes) notes.push_back("init.folder: " + note);
  if (const std::string note = pooling_note(recipe, folder->pooling); !note.empty())
    notes.push_back("init.folder: " + note);
  if (live_teacher) {
    if (Status status = check_common_pieces(recipe, *live_teacher, *folder); !status) return status.error();
  }
  std::vector<std::uint32_t>& kept = recipe.init.keep_layers;
  if (kept.empty()) {
    kept.resize(folder->layers);
    std::iota(kept.begin(), kept.end(), 0U);
  }
  if (Status status = data::check_kept(*folder, kept, recipe.tokenizer.max_tokens); !status) return status.error();
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
  if (!adoption.status()) return adoption.status().error();
  return notes;
}

}  // namespace noggin::train
