#include "train/loop/online_teacher.h"

#include <fmt/format.h>

#include <cmath>
#include <numeric>

#include "distill/losses.h"
#include "train/pretrained/bert_folder.h"
#include "train/run/failure.h"

namespace noggin::train {
namespace {

// Queries, keys and values of every text, padded: each [B, T, H*W].
struct PaddedQkv {
  Tensor query, key, value;
};

PaddedQkv padded_qkv(const Tensor& qkv, const PackedBatch& batch) {
  const std::vector<Tensor> parts = to_padded(qkv.to(torch::kFloat32), batch).chunk(3, 2);
  return {parts[0], parts[1], parts[2]};
}

// The number of relation heads: the teacher's attention heads, or the next smaller number that divides both widths.
std::int64_t relation_heads(const Tensor& student, const Tensor& teacher, std::int64_t teacher_heads) {
  const std::int64_t common = std::gcd(student.size(2), teacher.size(2));
  std::int64_t heads = teacher_heads;
  while (common % heads != 0) --heads;
  return heads;
}

// MiniLMv2's three relations, each with the same weight.
Tensor relations(const PaddedQkv& student, const PaddedQkv& teacher, std::int64_t teacher_heads, const Tensor& real,
                 const Tensor& total) {
  const std::int64_t heads = relation_heads(student.query, teacher.query, teacher_heads);
  const auto of = [&](const Tensor& mine, const Tensor& its) {
    return distill::relation_loss({mine, mine}, {its, its}, heads, real, total);
  };
  return (of(student.query, teacher.query) + of(student.key, teacher.key) + of(student.value, teacher.value)) / 3.0;
}

// Scores before the softmax: [B, H, T, T].
Tensor attention_scores(const Tensor& qkv, std::int64_t heads, std::int64_t head_width, const PackedBatch& batch) {
  const SplitHeads split = split_heads(qkv.to(torch::kFloat32), heads, head_width, batch);
  return split.query.matmul(split.key.transpose(2, 3)) / std::sqrt(static_cast<double>(head_width));
}

std::int64_t heads_of(const Student& student) { return student.config.encoder.layers.back().heads; }

}  // namespace

Tensor make_teacher_projection(std::int64_t student_width, std::int64_t teacher_width, std::uint64_t seed) {
  if (student_width == teacher_width) return torch::eye(student_width);
  auto generator = at::detail::createCPUGenerator(seed);
  return torch::randn({student_width, teacher_width}, generator).div_(std::sqrt(static_cast<double>(student_width)));
}

std::optional<OnlineTeacher> OnlineTeacher::read(const Recipe& recipe, const runtime::TokenizerContents& tokenizer,
                                                 torch::Device device) {
  if (recipe.online_teacher.folder.empty()) return std::nullopt;
  const data::PretrainedFolder folder = value_or_throw(data::read_pretrained_folder(recipe.online_teacher.folder));
  spec::ModelConfig config;
  config.pooling = spec::Pooling::kEveryToken;
  config.vocabulary_size = static_cast<std::uint32_t>(tokenizer.vocabulary.size());
  config.max_tokens = recipe.tokenizer.max_tokens;
  config.encoder.width = folder.width;
  config.encoder.head_width = folder.width / folder.heads;
  config.classes = 1;  // its answers are not used
  config.encoder.layer_norm_epsilon = static_cast<float>(folder.layer_norm_epsilon);
  config.encoder.layers.assign(folder.layers, {folder.heads, folder.ffn_width});
  Student teacher = make_student(config, 0.0, 0);
  std::vector<std::uint32_t> layers(folder.layers);
  std::iota(layers.begin(), layers.end(), 0U);
  throw_unless_ok(load_pretrained(folder, layers, tokenizer, teacher));
  return OnlineTeacher(copy_student(teacher, device));
}

void OnlineTeacher::check(const Phase& phase, const Student& student) const {
  if (phase.attention_weight <= 0.0 || heads_of(student) == heads_of(teacher_)) return;
  throw Failure(
      ExitCode::kUsage,
      fmt::format("attention_weight compares head by head, but the student's last layer has {} heads and the live "
                  "teacher's {}. Fix: use relation_weight, which works for any number",
                  heads_of(student), heads_of(teacher_)));
}

Tensor OnlineTeacher::loss(const Phase& phase, const Student& student, const LastLayer& seen, const PackedBatch& batch,
                           const LossTotals& totals) const {
  LastLayer its;
  {
    torch::NoGradGuard no_grad;
    FloatArithmetic arithmetic;
    forward(teacher_, batch, arithmetic, 0.0, &its);
  }
  Tensor loss = torch::zeros({}, seen.hidden.options());
  if (phase.hidden_weight > 0.0) {
    const Tensor every_token = torch::ones({its.hidden.size(0)}, its.hidden.options());
    loss = loss + phase.hidden_weight * distill::hidden_state_loss(seen.hidden, its.hidden, student.teacher_projection,
                                                                   every_token, totals.tokens);
  }
  if (phase.attention_weight > 0.0) {
    const Tensor mine = attention_scores(seen.qkv, heads_of(student), student.config.encoder.head_width, batch);
    const Tensor wanted = attention_scores(its.qkv, heads_of(teacher_), teacher_.config.encoder.head_width, batch);
    loss = loss + phase.attention_weight * distill::attention_map_loss(mine, wanted, batch.real, totals.texts);
  }
  if (phase.relation_weight > 0.0) {
    loss = loss + phase.relation_weight * relations(padded_qkv(seen.qkv, batch), padded_qkv(its.qkv, batch),
                                                    heads_of(teacher_), batch.real, totals.tokens);
  }
  return loss;
}

}  // namespace noggin::train
