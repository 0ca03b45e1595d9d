#include "train/start/adopt_start.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <unordered_set>

#include "data/pretrained/pretrained_folder.h"
#include "data/vocabulary/vocabulary.h"
#include "train/recipe/adopt_pretrained.h"
#include "train/recipe/static_problems.h"
#include "train/recipe/word_widths.h"
#include "train/start/class_match.h"

namespace noggin::train {
namespace {

constexpr const char* kKey = "init.from";

Error refusal(const std::string& what) { return {ErrorCode::kInvalidArgument, what}; }

// "4 layers of width 384, 12 heads and 1536 neurons each, 30522 pieces", or the heads and neurons of each layer.
std::string shape_text(const spec::ModelConfig& config) {
  const std::vector<spec::LayerConfig>& layers = config.encoder.layers;
  const std::string pieces = fmt::format("{} pieces", config.vocabulary_size);
  if (layers.empty()) return fmt::format("a static student of width {}, {}", config.encoder.width, pieces);
  const auto is_first = [&](const spec::LayerConfig& layer) {
    return layer.heads == layers.front().heads && layer.ffn_width == layers.front().ffn_width;
  };
  const std::string all = fmt::format("{} layers of width {}", layers.size(), config.encoder.width);
  if (std::ranges::all_of(layers, is_first)) {
    return fmt::format("{}, {} heads and {} neurons each, {}", all, layers.front().heads, layers.front().ffn_width,
                       pieces);
  }
  std::vector<std::string> each;
  for (const spec::LayerConfig& layer : layers) each.push_back(fmt::format("{}+{}", layer.heads, layer.ffn_width));
  return fmt::format("{}, heads+neurons {}, {}", all, fmt::join(each, " "), pieces);
}

class Adopter {
 public:
  Adopter(Recipe& recipe, const StartDescription& start, Adoption& result)
      : recipe_(recipe), start_(start), result_(result), values_(result, recipe.init.from, "start") {}

  void adopt(const std::vector<std::string>& labels) {
    take_shape();
    take_layers();
    values_.take_normalization(start_.tokenizer, recipe_.tokenizer.training);
    check_positions();
    check_groups();
    check_pieces();
    check_teacher();
    if (const auto wrong = word_width_problem(recipe_)) refuse(wrong->key.c_str(), wrong->message);
    for (const std::string& note : start_.notes) result_.notes.push_back(fmt::format("{}: {}", kKey, note));
    result_.start.push_back(start_.name);
    result_.start.push_back(shape_text(start_.config));
    const std::uint32_t words = spec::word_width(start_.config), narrow = recipe_.student.embedding_width;
    if (narrow > 0 && narrow < words)
      result_.start.push_back(
          fmt::format("word rows of {} numbers become {} wide (student.embedding_width)", words, narrow));
    const ClassMatch match = match_classes(start_, recipe_.task, labels);
    recipe_.init.from_classifier = match.obstacle.empty() && match.kept() == labels.size();
    if (!labels.empty()) result_.start.push_back(text_of(match, labels));
  }

 private:
  void refuse(const char* key, const std::string& what) { result_.require(key, refusal(what)); }

  void take_shape() {
    StudentRecipe& student = recipe_.student;
    const StudentRecipe usual;
    const spec::EncoderConfig& encoder = start_.config.encoder;
    const bool was_static = student.layers == 0;
    values_.take("student.layers", student.layers, usual.layers, static_cast<std::uint32_t>(encoder.layers.size()));
    values_.take("student.width", student.width, usual.width, encoder.width);
    values_.take("student.heads", student.heads, usual.heads, encoder.width / encoder.head_width);
    take_word_width(spec::word_width(start_.config), encoder.embedding_width);
    if (start_.pooling && !spec::traits_of(recipe_.task).per_token()) {
      const std::string pooling = spec::name_of(*start_.pooling);
      values_.take("student.pooling", student.pooling, usual.pooling, pooling);
    }
    if (student.layers == 0) {
      if (was_static) return;  // the recipe's own rules have said it
      for (const StaticProblem& wrong : static_problems(recipe_)) refuse(wrong.key.c_str(), wrong.message);
      return;
    }
    const double epsilon = std::stod(fmt::format("{}", encoder.layer_norm_epsilon));  // 1e-12, not the float's 9.99e-13
    values_.take("student.layer_norm_epsilon", student.layer_norm_epsilon, usual.layer_norm_epsilon, epsilon);
  }

  // Rows may become narrower, never wider.
  void take_word_width(std::uint32_t row_width, std::uint32_t embedding_width) {
    std::uint32_t& wanted = recipe_.student.embedding_width;
    if (wanted == 0 || start_.config.encoder.layers.empty() || wanted > row_width)
      values_.take("student.embedding_width", wanted, StudentRecipe().embedding_width, embedding_width);
    else if (wanted == row_width)
      wanted = embedding_width;
  }

  void take_layers() {
    recipe_.init.from_layers.clear();
    recipe_.init.from_pieces = static_cast<std::uint32_t>(start_.tokenizer.vocabulary.size());
    std::uint32_t widest = 0;
    for (const spec::LayerConfig& layer : start_.config.encoder.layers) {
      recipe_.init.from_layers.push_back({layer.heads, layer.ffn_width});
      widest = std::max(widest, layer.ffn_width);
    }
    if (widest > 0) values_.take("student.ffn_width", recipe_.student.ffn_width, StudentRecipe().ffn_width, widest);
  }

  void check_positions() {
    const std::uint32_t positions = start_.config.max_tokens, wanted = recipe_.tokenizer.max_tokens;
    if (wanted < positions && !start_.source.is_folder) {  // an encoder's positions are far more than its texts have
      result_.notes.push_back(
          fmt::format("{}: {} reads {} tokens, and tokenizer.max_tokens is {}: longer texts are cut. "
                      "Fix: set tokenizer.max_tokens: {}, unless that is intended",
                      kKey, recipe_.init.from, positions, wanted, positions));
    }
    if (wanted <= positions) return;
    refuse("tokenizer.max_tokens", fmt::format("tokenizer.max_tokens is {}, but {} has {} positions. Fix: set it to at "
                                               "most {}",
                                               wanted, recipe_.init.from, positions, positions));
  }

  // Pruned layers may have any width.
  void check_groups() {
    if (recipe_.quantize.weight_bits != 4) return;
    const std::uint32_t group = recipe_.quantize.group;
    const spec::EncoderConfig& encoder = start_.config.encoder;
    std::vector<std::uint32_t> inputs = {encoder.width};
    for (const spec::LayerConfig& layer : encoder.layers) {
      inputs.push_back(layer.heads * encoder.head_width);
      inputs.push_back(layer.ffn_width);
    }
    const auto unfit = std::ranges::find_if(
        inputs, [&](std::uint32_t width) { return !spec::check_group("quantize.group", group, width); });
    if (unfit == inputs.end()) return;
    refuse("quantize.group",
           fmt::format("quantize.group is {}, but {} has a layer of {} inputs, which are not whole groups. Fix: set "
                       "quantize.weight_bits: 8, or start from a student that was pruned with weight_bits 4",
                       group, recipe_.init.from, *unfit));
  }

  // Of a vocabulary that the recipe names; of none, it is the start's own.
  void check_pieces() {
    const std::string& file = recipe_.tokenizer.vocabulary_file;
    if (file.empty()) return;
    const auto wanted = data::read_vocabulary(file, recipe_.tokenizer.training);
    if (!wanted) return;  // what is wrong with the file, others say
    const std::unordered_set<std::string_view> has(start_.tokenizer.vocabulary.begin(),
                                                   start_.tokenizer.vocabulary.end());
    const auto lacks = [&](const std::string& piece) { return !has.contains(piece); };
    const auto first = std::ranges::find_if(wanted->vocabulary, lacks);
    if (first == wanted->vocabulary.end()) return;
    refuse("tokenizer.vocabulary_file",
           fmt::format("tokenizer.vocabulary_file: {} has {} pieces without a row in {}, the first is \"{}\". Fix: "
                       "remove the key; the start has its own vocabulary",
                       file, std::ranges::count_if(wanted->vocabulary, lacks), recipe_.init.from, *first));
  }

  void check_teacher() {
    if (recipe_.online_teacher.folder.empty()) return;
    const auto teacher = data::read_pretrained_folder(recipe_.online_teacher.folder);
    if (!teacher) return;  // adopt_pretrained has said it
    result_.require("live_teacher.folder",
                    check_common_pieces(recipe_, *teacher, start_.tokenizer.vocabulary, recipe_.init.from));
  }

  Recipe& recipe_;
  const StartDescription& start_;
  Adoption& result_;
  ValuesOfStart values_;
};

}  // namespace

Adoption adopt_start(Recipe& recipe, const std::vector<std::string>& labels) {
  Adoption result;
  if (recipe.init.from.empty() || !recipe.init.folder.empty()) return result;
  const Result<StartDescription> start = describe_start(recipe.init.from);
  if (!start)
    result.require(kKey, Error{start.error().code, fmt::format("{}: {}", kKey, start.error().message)});
  else
    Adopter(recipe, *start, result).adopt(labels);
  return result;
}

}  // namespace noggin::train
