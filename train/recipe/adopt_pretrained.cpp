#include "train/recipe/adopt_pretrained.h"

#include <fmt/format.h>

#include <numeric>
#include <optional>
#include <string_view>
#include <unordered_set>

#include "spec/model_config.h"
#include "train/recipe/word_widths.h"

namespace noggin::train {
namespace {

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

class Adopter {
 public:
  explicit Adopter(Recipe& recipe) : recipe_(recipe) {}

  Adoption adopt() {
    const std::optional<data::PretrainedFolder> teacher = read("live_teacher.folder", recipe_.online_teacher.folder);
    const std::optional<data::PretrainedFolder> folder = read("init.folder", recipe_.init.folder);
    if (!folder) return std::move(result_);
    if (const std::string note = pooling_note(recipe_, folder->pooling); !note.empty())
      result_.notes.push_back("init.folder: " + note);
    if (teacher)
      require("live_teacher.folder",
              check_common_pieces(recipe_, *teacher, folder->tokenizer.vocabulary, folder->path));
    if (recipe_.student.layers > 0) {
      take_layers(*folder);
      take_shape(*folder);
    } else {
      check_static(*folder);
    }
    values_.take_normalization(folder->tokenizer, recipe_.tokenizer.training);
    return std::move(result_);
  }

 private:
  // Nothing: no folder is named, or it cannot be read.
  std::optional<data::PretrainedFolder> read(const char* key, const std::string& path) {
    if (path.empty()) return std::nullopt;
    Result<data::PretrainedFolder> folder = data::read_pretrained_folder(path);
    if (!folder) {
      result_.problems.push_back({key, {folder.error().code, fmt::format("{}: {}", key, folder.error().message)}});
      return std::nullopt;
    }
    for (const std::string& note : folder->notes) result_.notes.push_back(fmt::format("{}: {}", key, note));
    return *std::move(folder);
  }

  void require(const char* key, const Status& status) { result_.require(key, status); }

  void take_layers(const data::PretrainedFolder& folder) {
    std::vector<std::uint32_t>& kept = recipe_.init.keep_layers;
    if (kept.empty()) {
      kept.resize(folder.layers);
      std::iota(kept.begin(), kept.end(), 0U);
    }
    require("init.keep_layers", data::check_kept(folder, kept, 0));
    require("tokenizer.max_tokens", data::check_kept(folder, {}, recipe_.tokenizer.max_tokens));
  }

  void take_shape(const data::PretrainedFolder& folder) {
    StudentRecipe& student = recipe_.student;
    const StudentRecipe usual;
    values_.take("student.layers", student.layers, usual.layers,
                 static_cast<std::uint32_t>(recipe_.init.keep_layers.size()));
    values_.take("student.width", student.width, usual.width, folder.width);
    values_.take("student.heads", student.heads, usual.heads, folder.heads);
    values_.take("student.ffn_width", student.ffn_width, usual.ffn_width, folder.ffn_width);
    values_.take("student.layer_norm_epsilon", student.layer_norm_epsilon, usual.layer_norm_epsilon,
                 folder.layer_norm_epsilon);
    if (recipe_.quantize.weight_bits == 4) {
      require("quantize.group", spec::check_group("quantize.group", recipe_.quantize.group, folder.width));
      require("quantize.group", spec::check_group("quantize.group", recipe_.quantize.group, folder.ffn_width));
    }
    if (const auto wrong = word_width_problem(recipe_))
      require(wrong->key.c_str(), Error{ErrorCode::kInvalidArgument, wrong->message});
    if (student.embedding_width < folder.width) return;
    require("student.embedding_width",
            Error{ErrorCode::kInvalidArgument,
                  fmt::format("student.embedding_width is {}, but {} is only {} wide. Fix: take a narrower one, or "
                              "remove the key",
                              student.embedding_width, folder.path, folder.width)});
  }

  // A static student takes words only, and fewer columns of them.
  void check_static(const data::PretrainedFolder& folder) {
    if (recipe_.student.width <= folder.width) return;
    require("student.width", Error{ErrorCode::kInvalidArgument,
                                   fmt::format("student.width is {}, but the words of {} are only {} wide. Fix: take "
                                               "at most that",
                                               recipe_.student.width, folder.path, folder.width)});
  }

  Recipe& recipe_;
  Adoption result_;
  ValuesOfStart values_{result_, recipe_.init.folder, "folder"};
};

}  // namespace

Status check_common_pieces(const Recipe& recipe, const data::PretrainedFolder& teacher,
                           const std::vector<std::string>& pieces, const std::string& owner) {
  if (recipe.tokenizer.trim) return {};
  const std::vector<std::string>& known = teacher.tokenizer.vocabulary;
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
                  teacher.path, missing, pieces.size(), owner, example)};
}

Adoption adopt_pretrained(Recipe& recipe) { return Adopter(recipe).adopt(); }

}  // namespace noggin::train
