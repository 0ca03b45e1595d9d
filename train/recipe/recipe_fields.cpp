// One table, a row for each key of a recipe: longer than other files, because a key has one home.
#include "train/recipe/recipe_fields.h"

#include <algorithm>

#include "format/file_layout.h"
#include "spec/model_config.h"
#include "tokenizer/ngram_features.h"
#include "tokenizer/normalizer.h"

namespace noggin::train {
namespace {

constexpr double kMillion = 1e6;
constexpr Range kNoRange{};
constexpr Range kFraction{0.0, 1.0};

// Names of enumerations are listed in the order of their values.
template <class Enum>
std::size_t position(Enum value) {
  return static_cast<std::size_t>(value);
}

std::vector<std::string> task_names() {
  std::vector<std::string> names;
  for (const spec::TaskTraits& task : spec::all_tasks()) names.emplace_back(task.name);
  return names;
}

// The type of what a kind of check finds.
template <spec::CheckKind kKind>
std::string& checked_type(Recipe& recipe) {
  return recipe.checks.types[position(kKind) - 1];  // the first kind is 1
}

std::vector<Field<Recipe>> make_recipe_fields() {
  using R = Recipe;
  using Choice = ChoiceAccess<R>;
  using Path = PathAccess<R>;
  return {
      {"name", [](R& r) -> std::string& { return r.name; }, kNoRange, "what the model is called in reports"},
      {"seed",
       [](R& r) -> std::uint64_t& { return r.seed; },
       {0, 9007199254740992.0},
       "seeds every random choice; the same recipe and seed give the same model on the same machine"},

      {"task",
       Choice{task_names(), [](const R& r) { return position(r.task) - 1; },  // the first kind is 1
              [](R& r, std::size_t i) { r.task = spec::all_tasks()[i].kind; }},
       kNoRange,
       "what the model answers: one class, any of the classes, spans (classes O, B-x, I-x), a number from 0 to 1, or "
       "which "
       "words to delete"},

      {"data.root", Path{[](R& r) -> std::string& { return r.data.root; }}, kNoRange,
       "folder that ${root} stands for in the other paths"},
      {"data.labels", [](R& r) -> std::vector<std::string>& { return r.data.labels; }, kNoRange,
       "class names in class order; or labels_file: FILE in place of this key. Not needed for score and edit"},
      {"data.labels_file", Path{[](R& r) -> std::string& { return r.data.labels_file; }}, kNoRange,
       "file with the class names: a JSON array, {\"labels\": [...]}, or one name per line"},
      {"data.label_words", [](R& r) -> std::map<std::string, std::vector<std::string>>& { return r.data.label_words; },
       kNoRange, "other words that the teacher uses for a class: {refund: [A, money_back]}"},
      {"data.none_label", [](R& r) -> std::string& { return r.data.none_label; }, kNoRange,
       "the class that means none of these; empty: no such class"},
      {"data.score_threshold", [](R& r) -> double& { return r.data.score_threshold; }, kFraction,
       "task score: gold of at least this is positive. The threshold for the student's answers is fitted on dev"},
      {"data.train", [](R& r) -> std::vector<data::Source>& { return r.data.train; }, kNoRange,
       "teacher logs and labelled files to learn from, recognised row by row: {path, requests: file with the texts, "
       "family: only this kind of row, template: prompts' common frame with {text} in it, fields: {text: path, "
       "label: path}, permit: [reason], adapter: jsonl | "
       "openai_batch | json_object | tsv, columns, unit: byte | code_point | utf16 (what offsets of spans count)}; "
       "data/README.md"},
      {"data.dev", [](R& r) -> std::vector<data::Source>& { return r.data.dev; }, kNoRange,
       "labelled rows that choose the best checkpoint"},
      {"data.test", [](R& r) -> std::vector<data::Source>& { return r.data.test; }, kNoRange,
       "labelled rows for the final measurement, never used to choose: every reported number comes from them"},
      {"data.dev_share", [](R& r) -> double& { return r.data.dev_share; }, kFraction,
       "without data.dev: this share of the texts of data.train, by hash, is dev"},
      {"data.test_share", [](R& r) -> double& { return r.data.test_share; }, kFraction,
       "without data.test: this share of the texts of data.train, by hash, is test"},
      {"data.measure_by_teacher", [](R& r) -> bool& { return r.data.ingest.measure_by_teacher; }, kNoRange,
       "dev and test rows without gold are measured against the teacher's first answer: figures then say how well the "
       "student agrees with it, not how right it is"},
      {"data.question", [](R& r) -> std::string& { return r.data.ingest.question; }, kNoRange,
       "logs of typed decisions: the question to learn, by its name"},
      {"data.teacher_models", [](R& r) -> std::vector<std::string>& { return r.data.ingest.teacher_models; }, kNoRange,
       "logs of typed decisions: only answers of these models are learnt; empty: all"},
      {"data.min_class_mass", [](R& r) -> double& { return r.data.ingest.min_class_mass; }, kFraction,
       "least share of the teacher's probability, as far as the log shows it, that must be on classes (of typed "
       "decisions: label_mass); an answer with less is rejected, for the teacher said something else"},
      {"data.on_missing_logprobs",
       Choice{{"reject", "hard_label"},
              [](const R& r) { return position(r.data.ingest.on_missing_logprobs); },
              [](R& r, std::size_t i) { r.data.ingest.on_missing_logprobs = static_cast<data::OnMissingLogprobs>(i); }},
       kNoRange, "a log row without logprobs: reject it, or use the answer as a label with probability 1"},
      {"data.use_gold_labels", [](R& r) -> bool& { return r.data.ingest.use_gold_labels; }, kNoRange,
       "false: gold labels of training rows are dropped (dev and test keep theirs)"},
      {"data.quarantine_budget", [](R& r) -> double& { return r.data.ingest.quarantine_budget; }, kFraction,
       "fraction of rejected lines above which ingest fails"},
      {"data.span_budget", [](R& r) -> double& { return r.data.ingest.span_budget; }, kFraction,
       "tag, edit: fraction of gold spans that do not begin and end with words above which ingest fails"},
      {"data.top_k",
       [](R& r) -> std::uint32_t& { return r.data.ingest.top_k; },
       {1, spec::kMaxClasses},
       "at most this many teacher classes are kept per row; the rest joins the tail"},
      {"data.min_teacher_probability", [](R& r) -> double& { return r.data.ingest.min_teacher_probability; }, kFraction,
       "training rows (for tags: words) without a gold label are dropped if the teacher is less sure than this"},

      {"checks.card", checked_type<spec::CheckKind::kCard>, kNoRange,
       "tag: the type of card numbers, found by issuer and check digit; empty, here and below: not looked for"},
      {"checks.iban", checked_type<spec::CheckKind::kIban>, kNoRange,
       "the type of account numbers as in ISO 13616, found by country, length and check digits"},
      {"checks.email", checked_type<spec::CheckKind::kEmail>, kNoRange, "the type of e-mail addresses"},
      {"checks.ip", checked_type<spec::CheckKind::kIp>, kNoRange, "the type of IPv4 and IPv6 addresses"},
      {"checks.us_ssn", checked_type<spec::CheckKind::kUsSsn>, kNoRange,
       "the type of social security numbers of the United States, with hyphens"},
      {"checks.url", checked_type<spec::CheckKind::kUrl>, kNoRange,
       "the type of addresses that begin with http:// or https://"},

      {"tokenizer.vocabulary_file", Path{[](R& r) -> std::string& { return r.tokenizer.vocabulary_file; }}, kNoRange,
       "a vocab.txt to use; empty: WordPiece is trained on the training texts"},
      {"tokenizer.size",
       [](R& r) -> std::uint32_t& { return r.tokenizer.training.size; },
       {16, spec::kMaxVocabulary},
       "pieces to train, special ones included"},
      {"tokenizer.min_frequency",
       [](R& r) -> std::uint32_t& { return r.tokenizer.training.min_frequency; },
       {1, kMillion},
       "words and pieces seen less often never enter the vocabulary (privacy, and noise)"},
      {"tokenizer.lowercase", [](R& r) -> bool& { return r.tokenizer.training.lowercase; }, kNoRange,
       "fold case before looking words up"},
      {"tokenizer.strip_accents", [](R& r) -> bool& { return r.tokenizer.training.strip_accents; }, kNoRange,
       "drop accents before looking words up"},
      {"tokenizer.max_word_characters",
       [](R& r) -> std::uint32_t& { return r.tokenizer.training.max_word_characters; },
       {1, runtime::kMaxWordCharacters},
       "longer words become [UNK]"},
      {"tokenizer.max_tokens",
       [](R& r) -> std::uint32_t& { return r.tokenizer.max_tokens; },
       {3, spec::kMaxTokens},
       "longest input in tokens, special ones included; longer texts are cut"},

      {"tokenizer.trim", [](R& r) -> bool& { return r.tokenizer.trim; }, kNoRange,
       "cut a given vocabulary to the tokenizer.size pieces that the training texts use most"},
      {"tokenizer.fill", [](R& r) -> bool& { return r.tokenizer.fill; }, kNoRange,
       "trim: if min_frequency leaves fewer than tokenizer.size, add the first other pieces of the given vocabulary"},

      {"init.folder", Path{[](R& r) -> std::string& { return r.init.folder; }}, kNoRange,
       "a pretrained BERT, MiniLM or DistilBERT as a Hugging Face folder; empty: random weights"},
      {"init.keep_layers",
       [](R& r) -> std::vector<std::uint32_t>& { return r.init.keep_layers; },
       {0, spec::kMaxLayers - 1},
       "which of the folder's layers the student takes, in this order; empty: all"},
      {"init.from", Path{[](R& r) -> std::string& { return r.init.from; }}, kNoRange,
       "a trained student to go on with, classifier included: a run directory, one of its checkpoints, or a folder "
       "that `noggin export --hugging-face` wrote; empty: none"},

      {"live_teacher.folder", Path{[](R& r) -> std::string& { return r.online_teacher.folder; }}, kNoRange,
       "a pretrained encoder that reads every batch along with the student, as a Hugging Face folder; empty: none"},

      {"student.layers",
       [](R& r) -> std::uint32_t& { return r.student.layers; },
       {0, spec::kMaxLayers},
       "encoder layers; 0: a static student, the mean of a text's word rows"},
      {"student.width",
       [](R& r) -> std::uint32_t& { return r.student.width; },
       {1, spec::kMaxWidth},
       "model width; a multiple of student.heads"},
      {"student.heads",
       [](R& r) -> std::uint32_t& { return r.student.heads; },
       {1, spec::kMaxHeads},
       "attention heads per layer, before pruning"},
      {"student.ffn_width",
       [](R& r) -> std::uint32_t& { return r.student.ffn_width; },
       {1, spec::kMaxFfnWidth},
       "neurons of each feed-forward layer, before pruning"},
      {"student.embedding_width",
       [](R& r) -> std::uint32_t& { return r.student.embedding_width; },
       {0, spec::kMaxWidth - 1},
       "width of word embeddings, which a matrix projects to student.width, so that more words fit; 0: student.width"},
      {"student.pooling",
       Choice{{"mean", "first_token"},
              [](const R& r) { return r.student.pooling == "mean" ? std::size_t{0} : std::size_t{1}; },
              [](R& r, std::size_t i) { r.student.pooling = i == 0 ? "mean" : "first_token"; }},
       kNoRange, "how token vectors are combined into one: their mean, or the first token's"},
      {"student.dropout", [](R& r) -> double& { return r.student.dropout; }, {0.0, 0.9}, "dropout while training"},
      {"student.initial_range",
       [](R& r) -> double& { return r.student.initial_range; },
       {1e-6, 1.0},
       "standard deviation of initial weights"},
      {"student.layer_norm_epsilon",
       [](R& r) -> double& { return r.student.layer_norm_epsilon; },
       {1e-20, 0.1},
       "added to the variance in LayerNorm"},

      {"quantize.embedding_bits",
       Choice{{"8", "4"},
              [](const R& r) { return r.quantize.embedding_bits == 4 ? std::size_t{1} : std::size_t{0}; },
              [](R& r, std::size_t i) { r.quantize.embedding_bits = i == 0 ? 8 : 4; }},
       kNoRange,
       "bits of a value of the word table in the shipped file: 4 halves the table, which is most of a small model"},

      {"quantize.weight_bits",
       Choice{{"8", "4"},
              [](const R& r) { return r.quantize.weight_bits == 4 ? std::size_t{1} : std::size_t{0}; },
              [](R& r, std::size_t i) { r.quantize.weight_bits = i == 0 ? 8 : 4; }},
       kNoRange,
       "bits of a weight of the layers' matrices in the shipped file: 4 halves them; pruning then keeps whole groups"},
      {"quantize.group",
       Choice{{"32", "64", "128"},
              [](const R& r) { return r.quantize.group == 32 ? std::size_t{0} : r.quantize.group / std::size_t{64}; },
              [](R& r, std::size_t i) { r.quantize.group = 32U << i; }},
       kNoRange,
       "weight_bits 4: how many inputs of an output share a step; divides student.width and student.ffn_width"},
      {"quantize.widen_bytes",
       [](R& r) -> std::uint64_t& { return r.quantize.widen_bytes; },
       {0, 1e9},
       "weight_bits 4: by how many bytes the file may grow for matrices in eight bits: those that lower the loss most "
       "per byte, measured at the start of the qat phase; 0: none"},

      {"train.device",
       Choice{{"auto", "cpu", "cuda"},
              [](const R& r) { return position(r.train.device); },
              [](R& r, std::size_t i) { r.train.device = static_cast<Device>(i); }},
       kNoRange, "where to train; auto uses a GPU if there is one"},
      {"train.precision",
       Choice{{"auto", "fp32", "bf16"},
              [](const R& r) { return position(r.train.precision); },
              [](R& r, std::size_t i) { r.train.precision = static_cast<Precision>(i); }},
       kNoRange,
       "precision of matrix products; auto times both on the first batch, keeps the faster; weights stay fp32"},
      {"train.batch_rows", [](R& r) -> std::uint32_t& { return r.train.batch_rows; }, {1, kMillion}, "rows per step"},
      {"train.weight_decay", [](R& r) -> double& { return r.train.weight_decay; }, kFraction,
       "decoupled weight decay (AdamW)"},
      {"train.clip_norm",
       [](R& r) -> double& { return r.train.clip_norm; },
       {0.0, kMillion},
       "largest gradient norm; 0: no clipping"},
      {"train.form_types", [](R& r) -> std::vector<std::string>& { return r.train.form_types; }, kNoRange,
       "tag: types recognized by their form in any context (EMAIL_ADDRESS, ...): span_swap swaps spans among all of "
       "them"},
      {"train.ema",
       [](R& r) -> double& { return r.train.ema; },
       {0.0, 0.999999},
       "decay of the moving average of weights that is evaluated and kept; 0: off"},
      {"train.threads", [](R& r) -> std::uint32_t& { return r.train.threads; }, {0, 1024}, "CPU threads; 0: all cores"},
      {"train.checkpoint_minutes",
       [](R& r) -> double& { return r.train.checkpoint_minutes; },
       {0.0, 1440.0},
       "minutes between resumable checkpoints"},
      {"train.group_minutes",
       [](R& r) -> double& { return r.train.group_minutes; },
       {0.01, 1440.0},
       "several processes: minutes to wait for one that has not come or gives no sign of life",
       kEveryPhase,
       false},
      {"train.evaluations_per_epoch",
       [](R& r) -> std::uint32_t& { return r.train.evaluations_per_epoch; },
       {1, 1000},
       "how often dev is scored"},
      {"train.tensorboard", [](R& r) -> bool& { return r.train.tensorboard; }, kNoRange,
       "also write tb/ into the run: loss and dev figures as TensorBoard event files", kEveryPhase, false},

      {"baseline.buckets",
       [](R& r) -> std::uint32_t& { return r.baseline.buckets; },
       {runtime::kMinBuckets, runtime::kMaxBuckets},
       "hash buckets of the baseline's features"},
      {"baseline.epochs",
       [](R& r) -> std::uint32_t& { return r.baseline.epochs; },
       {1, 1000},
       "passes over the training rows"},
      {"baseline.export", [](R& r) -> bool& { return r.baseline.exported; }, kNoRange,
       "also write the baseline as a file for devices, export/baseline.nog (single_label, multi_label, score)"},
      {"baseline.max_features",
       [](R& r) -> std::uint32_t& { return r.baseline.max_features; },
       {0, spec::kMaxVocabulary},
       "number of n-grams in this file, the most important ones; 0: all"},

      {"static_student.train", [](R& r) -> bool& { return r.static_student.trained; }, kNoRange,
       "`noggin run` also trains a student without layers, in the folder `static` of the run"},
      {"static_student.width",
       [](R& r) -> std::uint32_t& { return r.static_student.width; },
       {1, spec::kMaxWidth},
       "width of its word rows; a wider one than init.folder's is cut to that"},
      {"static_student.pieces",
       [](R& r) -> std::uint32_t& { return r.static_student.pieces; },
       {0, spec::kMaxVocabulary},
       "how many pieces of init.folder's vocabulary it has, for its rows are small and words that no row has still "
       "mean "
       "something; fewer where budget.size_mb asks for it. The rows are then ingested twice. 0: those of the student"},

      {"cascade.calibrate", [](R& r) -> bool& { return r.cascade.calibrate; }, kNoRange,
       "fit the temperature of the probabilities on dev, and store it in the file"},
      {"cascade.accuracy", [](R& r) -> double& { return r.cascade.accuracy; }, kFraction,
       "accuracy that the answered rows must reach on dev; the model abstains when less sure. 0: answer everything"},
      {"cascade.escalation", [](R& r) -> double& { return r.cascade.escalation; }, kFraction,
       "or: the fraction of dev rows to abstain from"},
      {"cascade.student_price",
       [](R& r) -> double& { return r.cascade.student_price; },
       {0.0, kMillion},
       "price of a thousand requests to the student, for the expected cost"},
      {"cascade.teacher_price",
       [](R& r) -> double& { return r.cascade.teacher_price; },
       {0.0, kMillion},
       "price of a thousand requests to the teacher"},

      {"export.onnx", [](R& r) -> bool& { return r.exports.onnx; }, kNoRange, "also write model.onnx"},
      {"export.golden_from_data", [](R& r) -> bool& { return r.exports.golden_from_data; }, kNoRange,
       "true: real held-out texts go into the shipped file as golden vectors (privacy!)"},
      {"export.golden_rows",
       [](R& r) -> std::uint32_t& { return r.exports.golden_rows; },
       {1, format::kMaxGoldenVectors},
       "golden vectors in the shipped file"},

      {"gates.max_flips",
       [](R& r) -> double& { return r.gates.max_prediction_changes; },
       {0.0, 1e9},
       "rows on which trainer and runtime may answer differently"},
      {"gates.max_drop_from_float", [](R& r) -> double& { return r.gates.max_drop_from_float; }, kFraction,
       "how much quality quantization may cost: upper end of the 95 % paired bootstrap interval"},
      {"gates.min_quality", [](R& r) -> double& { return r.gates.min_primary_metric; }, kFraction,
       "accuracy (or span F1, ..., as the task is measured) that the quantized student needs on test; 0: no gate"},
      {"gates.required_targets", [](R& r) -> std::vector<std::string>& { return r.gates.required_targets; }, kNoRange,
       "targets that must run: reference, avx2, onnxruntime, ..."},
      {"gates.reference_rows",
       [](R& r) -> std::uint32_t& { return r.gates.reference_rows; },
       {0, kMillion},
       "rows that the scalar reference kernels answer, evenly spread, beside the other targets, which answer all: they "
       "take most of a verification's time. 0: all"},
      {"gates.must_beat_baseline", [](R& r) -> bool& { return r.gates.must_beat_baseline; }, kNoRange,
       "true: a student that does not beat the baseline fails this gate"},

      {"budget.size_mb",
       [](R& r) -> double& { return r.budget.size_mb; },
       {0.0, kMillion},
       "largest model.nog, in MB (10^6 bytes): a shape that cannot meet it is refused before training, a larger file "
       "fails this gate; 0: any"},
      {"budget.latency_us",
       [](R& r) -> double& { return r.budget.latency_us; },
       {0.0, 1e9},
       "longest answer, in microseconds: median of a text of median length, one thread, on the machine that checks; a "
       "shape that is clearly slower is refused before training; 0: any"},
      {"budget.drop",
       [](R& r) -> double& { return r.budget.drop; },
       {0.0, 100.0},
       "points of quality on dev: `noggin compress` looks for the smallest file that loses at most so many to the "
       "float student; 0: for the best that fits. Other verbs do not read it"},

      {"shipped.model", Path{[](R& r) -> std::string& { return r.shipped.model; }}, kNoRange,
       "the model that is on devices now, a .nog file: phases with keep_weight keep its right answers; empty: none"},

      {"compare.margin", [](R& r) -> double& { return r.compare.margin; }, kFraction,
       "noggin compare: two models whose quality differs by less than this are equivalent"},
      {"compare.accept", [](R& r) -> std::vector<std::string>& { return r.compare.accept; }, kNoRange,
       "verdicts with which a new model may replace the old one: better, equivalent, cannot tell, worse"},
      {"compare.by", [](R& r) -> std::vector<std::string>& { return r.compare.by; }, kNoRange,
       "fields of the rows by which changed answers are counted"},
      {"compare.group", [](R& r) -> std::string& { return r.compare.group; }, kNoRange,
       "field of the rows (template, document, user) whose equal values are resampled together; empty: each row alone"},

      {"nightly.keep",
       [](R& r) -> std::uint32_t& { return r.nightly.keep; },
       {1, 100000},
       "finished nights that noggin nightly keeps"},
      {"nightly.min_new_rows",
       [](R& r) -> std::uint32_t& { return r.nightly.min_new_rows; },
       {1, kMillion},
       "fewer new training rows than this are nothing new"},
      {"nightly.start_from_shipped", [](R& r) -> bool& { return r.nightly.start_from_shipped; }, kNoRange,
       "begin with the weights of the shipped student, where its classes and shape are those of the recipe"},
      {"nightly.prometheus_file", Path{[](R& r) -> std::string& { return r.nightly.prometheus_file; }}, kNoRange,
       "also write the figures there, for node_exporter's textfile collector; empty: only into the night's folder"},
      {"nightly.counters", [](R& r) -> std::vector<std::string>& { return r.nightly.counters; }, kNoRange,
       "what devices have counted with the shipped model, as JSON files; drift is reported from them"},

      {"publish.folder", Path{[](R& r) -> std::string& { return r.publish.folder; }}, kNoRange,
       "folder that devices take updates from; empty: nightly does not publish"},
      {"publish.key", Path{[](R& r) -> std::string& { return r.publish.key; }}, kNoRange,
       "secret key file that signs what is published (noggin key new)"},
      {"publish.channel", [](R& r) -> std::string& { return r.publish.channel; }, kNoRange,
       "channel of devices that are offered the model"},
      {"publish.rollout",
       [](R& r) -> double& { return r.publish.rollout; },
       {0.0, 100.0},
       "percent of the channel's devices that are offered the model"},
      {"publish.expires_days",
       [](R& r) -> std::uint32_t& { return r.publish.expires_days; },
       {1, 3650},
       "days after which devices refuse the manifest"},

      {"drift.max_psi",
       [](R& r) -> double& { return r.drift.max_psi; },
       {0.0, 100.0},
       "noggin drift: population stability index of a histogram above which it has moved"},
      {"drift.max_p_value", [](R& r) -> double& { return r.drift.max_p_value; }, kFraction,
       "... if the test of that histogram is at most this, too"},
      {"drift.min_requests",
       [](R& r) -> std::uint64_t& { return r.drift.min_requests; },
       {1, 1e15},
       "fewer requests than this cannot tell"},

      {"card.description", [](R& r) -> std::string& { return r.card.description; }, kNoRange,
       "MODEL_CARD.md: what the model does; this and the following are \"not stated\" where they are empty"},
      {"card.intended_use", [](R& r) -> std::string& { return r.card.intended_use; }, kNoRange,
       "MODEL_CARD.md: what it is meant for"},
      {"card.limits", [](R& r) -> std::string& { return r.card.limits; }, kNoRange,
       "MODEL_CARD.md: what it must not be used for, and what it is known to get wrong"},
      {"card.license", [](R& r) -> std::string& { return r.card.license; }, kNoRange,
       "MODEL_CARD.md: licence of the model, as an SPDX identifier where there is one"},
      {"card.language", [](R& r) -> std::string& { return r.card.language; }, kNoRange,
       "MODEL_CARD.md: languages of the texts, such as en"},
      {"card.teacher", [](R& r) -> std::string& { return r.card.teacher; }, kNoRange,
       "MODEL_CARD.md: name and version of the teacher"},
      {"card.teacher_terms", [](R& r) -> std::string& { return r.card.teacher_terms; }, kNoRange,
       "MODEL_CARD.md: whether the teacher's terms permit training on its answers"},
      {"card.data_source", [](R& r) -> std::string& { return r.card.data_source; }, kNoRange,
       "MODEL_CARD.md: where the texts come from, and their licence"},
  };
}

std::vector<Field<Phase>> make_phase_fields() {
  using P = Phase;
  return {
      {"kind",
       ChoiceAccess<P>{{"distil", "prune", "qat"},
                       [](const P& p) { return position(p.kind); },
                       [](P& p, std::size_t i) { p.kind = static_cast<PhaseKind>(i); }},
       kNoRange,
       "distil: learn from the teacher; prune: remove heads and neurons; qat: quantization-aware training (int8)"},
      {"epochs", [](P& p) -> double& { return p.epochs; }, {0.0, 100000.0}, "passes over the training rows"},
      {"min_steps",
       [](P& p) -> std::uint32_t& { return p.min_steps; },
       {0, 500000},
       "at least so many steps: with few rows the phase is stretched, with its removal and its evaluations"},
      {"patience",
       [](P& p) -> std::uint32_t& { return p.patience; },
       {0, 1e6},
       "the phase ends after so many evaluations in a row that are not better on dev; 0: never early"},
      {"learning_rate", [](P& p) -> double& { return p.learning_rate; }, {1e-9, 10.0}, "peak learning rate"},
      {"warmup", [](P& p) -> double& { return p.warmup; }, kFraction, "fraction of the steps in which the rate rises"},
      {"final_learning_rate", [](P& p) -> double& { return p.final_learning_rate; }, kFraction,
       "fraction of learning_rate left at the end (cosine)"},
      {"temperature",
       [](P& p) -> double& { return p.temperature; },
       {0.05, 100.0},
       "T that softens teacher and student in the distillation term"},
      {"final_temperature",
       [](P& p) -> double& { return p.final_temperature; },
       {0.05, 100.0},
       "T at the end of the phase, unless temperature_curve is constant"},
      {"temperature_curve",
       ChoiceAccess<P>{{"constant", "linear", "cosine"},
                       [](const P& p) { return position(p.temperature_curve); },
                       [](P& p, std::size_t i) { p.temperature_curve = static_cast<TemperatureCurve>(i); }},
       kNoRange, "how T moves from temperature to final_temperature"},
      {"divergence",
       ChoiceAccess<P>{{"forward_kl", "reverse_kl", "jensen_shannon"},
                       [](const P& p) { return position(p.divergence); },
                       [](P& p, std::size_t i) { p.divergence = static_cast<Divergence>(i); }},
       kNoRange, "divergence from teacher to student (distill/README.md); multi_label and score: only forward_kl"},
      {"beta",
       [](P& p) -> double& { return p.beta; },
       {0.01, 0.99},
       "mixture weight of jensen_shannon; near 0 forward KL, near 1 reverse KL"},
      {"teacher_weight",
       [](P& p) -> double& { return p.teacher_weight; },
       {0.0, 1000.0},
       "weight of the divergence from the teacher at temperature T (times T^2)"},
      {"gold_weight",
       [](P& p) -> double& { return p.gold_weight; },
       {0.0, 1000.0},
       "weight of cross-entropy on gold labels, where a row has one"},
      {"hidden_weight",
       [](P& p) -> double& { return p.hidden_weight; },
       {0.0, 1000.0},
       "weight of the distance from the live teacher's last hidden states, through a learned projection"},
      {"attention_weight",
       [](P& p) -> double& { return p.attention_weight; },
       {0.0, 1000.0},
       "weight of the distance from the attention scores of the live teacher's last layer, head by head",
       kDistilPhase},
      {"relation_weight",
       [](P& p) -> double& { return p.relation_weight; },
       {0.0, 1000.0},
       "weight of the divergence from the relations (MiniLMv2) in the live teacher's last layer"},
      {"keep_weight",
       [](P& p) -> double& { return p.keep_weight; },
       {0.0, 1000.0},
       "weight of the divergence from shipped.model's answers on training rows that it gets right, so that a new model "
       "breaks fewer of them (positive-congruent training)"},
      {"float_weight",
       [](P& p) -> double& { return p.float_weight; },
       {0.0, 1000.0},
       "weight of the divergence from the answers of the best float student before this phase (of the phases before "
       "it, "
       "or init.from)"},
      {"label_smoothing",
       [](P& p) -> double& { return p.label_smoothing; },
       {0.0, 0.9},
       "fraction of a gold label that is spread over all classes"},
      {"word_dropout",
       [](P& p) -> double& { return p.token_dropout; },
       {0.0, 0.9},
       "probability that a training token is replaced by [UNK]"},
      {"span_swap",
       [](P& p) -> double& { return p.mention_replacement; },
       {0.0, 1.0},
       "tag: probability that a gold span of a training row is replaced by another of its type"},
      {"word_swap",
       [](P& p) -> double& { return p.word_swap; },
       {0.0, 1.0},
       "tag: probability that a word outside the gold spans of a training row is replaced by a random one of the "
       "vocabulary"},
      {"digit_swap",
       [](P& p) -> double& { return p.digit_swap; },
       {0.0, 1.0},
       "tag: probability that a piece of digits of a training row is replaced by another of the same length"},
      {"heads_share",
       [](P& p) -> double& { return p.heads_fraction; },
       {0.0, 0.95},
       "fraction of all attention heads to remove",
       kPrunePhase},
      {"ffn_share",
       [](P& p) -> double& { return p.ffn_fraction; },
       {0.0, 0.99},
       "fraction of all feed-forward neurons to remove",
       kPrunePhase},
      {"removal_epochs",
       [](P& p) -> double& { return p.removal_epochs; },
       {0.0, 100000.0},
       "remove stepwise over this many epochs; the remaining epochs recover",
       kPrunePhase},
      {"removals",
       [](P& p) -> std::uint32_t& { return p.removals; },
       {1, 1000},
       "in how many steps, equally far apart; 1: all at once, after removal_epochs",
       kPrunePhase},
      {"removal_curve",
       ChoiceAccess<P>{{"linear", "cubic"},
                       [](const P& p) { return position(p.removal_curve); },
                       [](P& p, std::size_t i) { p.removal_curve = static_cast<RemovalCurve>(i); }},
       kNoRange, "linear: each step removes as much; cubic: the first ones most", kPrunePhase},
      {"importance",
       ChoiceAccess<P>{{"first_order", "magnitude", "second_order"},
                       [](const P& p) { return position(p.importance); },
                       [](P& p, std::size_t i) { p.importance = static_cast<Importance>(i); }},
       kNoRange,
       "what is removed: by the loss's gradient; by the size of weights; or, for neurons, those that the others can "
       "stand in for, which are refitted to do so",
       kPrunePhase},
      {"word_width",
       [](P& p) -> std::uint32_t& { return p.word_width; },
       {0, spec::kMaxWidth - 1},
       "to how many numbers word rows are cut before the first step, those directions in which words differ most; a "
       "matrix widens them; 0: they stay",
       kPrunePhase},
      {"scale_learning_rate",
       [](P& p) -> double& { return p.scale_learning_rate; },
       {0.0, 1000.0},
       "learning rate of activation scales, relative to learning_rate; 0 keeps the calibrated ones",
       kQatPhase},
      {"step_learning_rate",
       [](P& p) -> double& { return p.step_learning_rate; },
       {0.0, 1000.0},
       "learning rate of the steps of int4 groups, relative to learning_rate; 0: they follow the weights by least "
       "squared error",
       kQatPhase},
      {"calibration_batches",
       [](P& p) -> std::uint32_t& { return p.calibration_batches; },
       {1, kMillion},
       "training batches observed before the first step",
       kQatPhase},
  };
}

}  // namespace

const std::vector<Field<Recipe>>& recipe_fields() {
  static const std::vector<Field<Recipe>> fields = make_recipe_fields();
  return fields;
}

const std::vector<Field<Phase>>& phase_fields() {
  static const std::vector<Field<Phase>> fields = make_phase_fields();
  return fields;
}

const std::map<std::string, std::string>& section_meanings() {
  static const std::map<std::string, std::string> meanings = {
      {"data", "The teacher's logs, and the rows held out for measuring."},
      {"checks", "Spans that are found by computing, on the device, too; the model's spans keep the rest (task tag)."},
      {"tokenizer", "How text becomes tokens; the same code runs on the device."},
      {"live_teacher", "An encoder whose internals the student imitates in addition to the logged answers."},
      {"init", "Where the weights start; with a folder, shape and vocabulary come from it."},
      {"student", "The shape of the model: a BERT-compatible encoder with a classification head."},
      {"quantize", "How the shipped file stores weights; training learns with the same rounding in its qat phase."},
      {"train", "Settings that all phases share."},
      {"phases", "What happens to the student, in this order."},
      {"cascade", "When the small model hands a request on, measured on dev (single_label)."},
      {"baseline", "The linear model that every student is compared with: on n-grams, for tag and edit on each word."},
      {"static_student",
       "A much smaller candidate: the mean of word rows, which single_label, multi_label and score train too."},
      {"export", "What is shipped."},
      {"gates", "What must hold before a model may be shipped; a failed gate is exit 5."},
      {"budget", "What the shipped model may cost; `noggin check` computes what the recipe's shape will cost."},
      {"shipped", "The model that a new one replaces."},
      {"compare", "When a new model may replace an old one (noggin compare, noggin nightly)."},
      {"nightly", "One night of noggin nightly: new rows in, a better model out, or the old one kept."},
      {"publish", "The signed folder that devices take updates from (noggin publish)."},
      {"drift", "How far counters of devices may be from what the model saw on dev (noggin drift)."},
      {"card", "What the author says about the model, for MODEL_CARD.md."},
  };
  return meanings;
}

const std::vector<RemovedKey>& removed_keys() {
  static const std::vector<RemovedKey> keys = {
      {"gates.min_accuracy", "gates.min_quality", "not all tasks are measured by accuracy"}};
  return keys;
}

const std::vector<std::string>& adapter_names() {
  static const std::vector<std::string> names = {"jsonl", "openai_batch", "json_object", "tsv", "conll", "brat"};
  return names;
}

bool asks_shipped_model(const Recipe& recipe) {
  return !recipe.shipped.model.empty() &&
         std::ranges::any_of(recipe.phases, [](const Phase& phase) { return phase.keep_weight > 0.0; });
}

bool asks_online_teacher(const Phase& phase) {
  return phase.hidden_weight > 0.0 || phase.attention_weight > 0.0 || phase.relation_weight > 0.0;
}

std::string phase_kind_name(PhaseKind kind) {
  switch (kind) {
    case PhaseKind::kDistil:
      return "distil";
    case PhaseKind::kPrune:
      return "prune";
    case PhaseKind::kQat:
      return "qat";
  }
  return "unknown";
}

}  // namespace noggin::train
