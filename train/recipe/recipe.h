// A recipe: everything one run does, as one typed value. recipe_fields.cpp is the one table of keys, defaults, ranges
// and one-line explanations; parsing, --explain, `init` and the resolved copy all read that table.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/logs/source.h"
#include "data/vocabulary/vocabulary.h"
#include "spec/check.h"
#include "spec/model_config.h"
#include "spec/task.h"

namespace noggin::train {

enum class Device { kAuto, kCpu, kCuda };
enum class Precision { kAuto, kFp32, kBf16 };
enum class PhaseKind { kDistil, kPrune, kQat };
enum class Divergence { kForwardKl, kReverseKl, kJensenShannon };  // of student from teacher (distill/)
// kSecondOrder: heads as in kFirstOrder; neurons by what their absence costs after the others have been refitted, which
// they are (compress/neuron_moments.h).
enum class Importance { kFirstOrder, kMagnitude, kSecondOrder };
// The share that is gone after a fraction x of the removals: x, or 1 - (1 - x)^3 (Zhu and Gupta 2017, eq. 1).
enum class RemovalCurve { kLinear, kCubic };
enum class TemperatureCurve { kConstant, kLinear, kCosine };  // from temperature to final_temperature over a phase

// One phase of training. The parser rejects keys that a kind does not use.
struct Phase {
  PhaseKind kind = PhaseKind::kDistil;
  double epochs = 10;
  std::uint32_t min_steps = 0;  // a shorter phase is stretched to so many steps (loop/phase_length.h)
  std::uint32_t patience = 0;   // evaluations without a better dev after which the phase ends; 0: it never does early
  double learning_rate = 1e-3;
  double warmup = 0.06;              // fraction of the phase's steps
  double final_learning_rate = 0.0;  // fraction of learning_rate left at the end (cosine)
  double temperature = 1.0;          // T of the distillation term
  double final_temperature = 1.0;    // at the end of the phase, unless the curve is constant
  TemperatureCurve temperature_curve = TemperatureCurve::kConstant;
  Divergence divergence = Divergence::kForwardKl;
  double beta = 0.5;            // of the Jensen-Shannon divergence
  double teacher_weight = 1.0;  // weight of the divergence at temperature T (times T^2)
  double gold_weight = 0.0;     // weight of cross-entropy on gold labels, where a row has one
  double hidden_weight = 0.0;   // live teacher: mean square between its last hidden states and the student's, projected
  double attention_weight = 0.0;  // live teacher, distil: mean square between the attention scores of both last layers
  double relation_weight = 0.0;   // live teacher: MiniLMv2's relations of queries, keys and values of both last layers
  double keep_weight = 0.0;   // weight of the divergence from the shipped model's answers, on rows that it gets right
  double float_weight = 0.0;  // weight of the divergence from the answers of the run's best float student so far
  double label_smoothing = 0.0;
  double token_dropout = 0.0;        // probability that a training token is replaced by [UNK]
  double mention_replacement = 0.0;  // tag: probability that a gold span is replaced by another of its type
  double word_swap = 0.0;            // tag: probability that a word outside spans is replaced by a random one
  double digit_swap = 0.0;      // tag: probability that a piece of digits is replaced by another of the same length
  double heads_fraction = 0.0;  // prune: fraction of all attention heads to remove
  double ffn_fraction = 0.0;    // prune: fraction of all FFN neurons to remove
  Importance importance = Importance::kFirstOrder;  // prune: by what a part is judged
  double removal_epochs = 1.0;  // prune: remove stepwise over this many epochs; the rest of `epochs` recovers
  std::uint32_t removals = 8;   // prune: in so many steps, equally far apart; 1: all at once
  RemovalCurve removal_curve = RemovalCurve::kLinear;  // prune: how much each step removes
  std::uint32_t word_width = 0;      // prune: to which width word rows are cut before the first step; 0: they stay
  double scale_learning_rate = 0.0;  // qat: of activation scales, relative to learning_rate; 0 freezes them
  double step_learning_rate = 0.0;   // qat: of the steps of int4 groups, relative; 0: they follow the weights
  std::uint32_t calibration_batches = 32;  // qat: training batches observed before the first step
};

// Where the weights come from. Neither folder nor from: random initialization.
struct InitRecipe {
  std::string folder;                      // a pretrained encoder (data/pretrained/pretrained_folder.h)
  std::vector<std::uint32_t> keep_layers;  // which of its layers, in this order; empty: all
  std::string from;                        // a trained student, whole (train/start/start_source.h)

  // Not keys: what adopt_start has read in `from` and no key can say.
  std::vector<spec::LayerConfig> from_layers;  // heads and neurons of each layer, which pruning leaves uneven
  std::uint32_t from_pieces = 0;               // of its vocabulary
  bool from_classifier = false;                // every class of the recipe has a row in it

  // Whether the vocabulary and the shape come with the weights.
  bool given() const { return !folder.empty() || !from.empty(); }
};

// An encoder that reads every batch along with the student (train/loop/online_teacher.h). Empty folder: none.
struct OnlineTeacherRecipe {
  std::string folder;
};

struct StudentRecipe {
  std::uint32_t layers = 2, width = 128, heads = 4, ffn_width = 512;
  std::uint32_t embedding_width = 0;  // width of word embeddings, projected to `width`; 0: `width`, no projection
  std::string pooling = "mean";       // mean | first_token
  double dropout = 0.1;
  double initial_range = 0.02;  // standard deviation of initial weights
  double layer_norm_epsilon = 1e-12;
};

// How a device stores weights.
struct QuantizeRecipe {
  std::uint32_t embedding_bits = 8;  // of a value in the word table: 8 or 4
  std::uint32_t weight_bits = 8;     // of a weight in the layers: 8 or 4
  std::uint32_t group = 64;          // weight_bits 4: how many inputs share a step: 32, 64 or 128
  std::uint64_t widen_bytes = 0;     // weight_bits 4: how much matrices of eight bits may add to the file
};

struct TrainRecipe {
  Device device = Device::kAuto;
  Precision precision = Precision::kAuto;  // of products; weights and optimizer state are always float
  std::uint32_t batch_rows = 64;
  double weight_decay = 0.01;
  double clip_norm = 1.0;
  std::vector<std::string> form_types;  // tag: types recognized by their form; span_swap swaps spans among them
  double ema = 0.0;                     // decay of an exponential moving average of weights used for evaluation; 0: off
  std::uint32_t threads = 0;            // 0: all cores
  double checkpoint_minutes = 2.0;
  double group_minutes = 5.0;  // several processes: how long to wait for one that does not come or is silent
  std::uint32_t evaluations_per_epoch = 1;
  bool tensorboard = false;  // also write tb/: loss and dev figures as TensorBoard event files
};

// When the small model hands a request on (single_label only). Fitted on dev, stored in the file, applied by the
// runtime.
struct CascadeRecipe {
  bool calibrate = true;                            // fit the temperature of the probabilities on dev
  double accuracy = 0.0;                            // target accuracy of the answered rows; 0: none
  double escalation = 0.0;                          // or the fraction of rows to hand on; set at most one of the two
  double student_price = 0.0, teacher_price = 1.0;  // per thousand requests, for the expected cost
};

struct DataRecipe {
  std::string root;                 // resolved against the recipe's folder; "${root}" in other paths
  std::vector<std::string> labels;  // inline ...
  std::string labels_file;          // ... or from a file (exactly one of the two)
  std::map<std::string, std::vector<std::string>> label_words;
  std::string none_label;
  double score_threshold = 0.5;  // score: gold of at least this is positive
  std::vector<data::Source> train, dev, test;
  double dev_share = 0.0, test_share = 0.0;  // of the texts of `train`, where dev or test have no sources of their own
  data::IngestOptions ingest;
};

// Which spans are found by computing, beside the model (tag only): for each kind of check the type of its spans, or "".
struct ChecksRecipe {
  std::array<std::string, spec::kCheckNames.size()>
      types;  // in the order of spec::kCheckNames; keys "card", "iban", ...
};

struct TokenizerRecipe {
  data::VocabularyOptions training;
  std::string vocabulary_file;  // set: read instead of trained
  bool trim = false;            // cut the file's vocabulary to training.size pieces used in training
  bool fill = false;            // if fewer are used, add the first others of the file
  std::uint32_t max_tokens = 64;
};

// A gate: the drop of `metric` from a reference to a target, upper end of the 95 % paired-bootstrap interval.
struct GateRecipe {
  double max_prediction_changes = 0;          // trainer's quantized forward vs each runtime kernel set
  double max_drop_from_float = 0.01;          // accuracy, float student -> quantized; non-inferiority margin
  double min_primary_metric = 0.0;            // quantized student on test (accuracy, span F1, ...); 0: no gate
  std::vector<std::string> required_targets;  // "reference", "avx2", "onnxruntime", ...: not run = failed
  std::uint32_t reference_rows = 0;           // that the scalar kernel set answers, evenly spread; 0: all
  bool must_beat_baseline = false;            // a failed comparison is always reported; true makes it exit 5
};

struct ExportRecipe {
  bool onnx = true;
  bool golden_from_data = false;  // true: real held-out rows become golden vectors (privacy!)
  std::uint32_t golden_rows = 24;
};

struct BaselineRecipe {
  std::uint32_t buckets = 1U << 18;
  std::uint32_t epochs = 12;
  bool exported = false;               // key "export": also write it as export/baseline.nog
  std::uint32_t max_features = 16384;  // features in that file; 0: all that training has seen
};

// The second candidate beside the student, for tasks that answer per text: a student without layers, of the same rows
// (cli/static_student.h).
struct StaticRecipe {
  bool trained = true;          // key "train"
  std::uint32_t width = 96;     // of its word rows; at most that of init.folder
  std::uint32_t pieces = 8000;  // of init.folder's vocabulary; 0: those of the student
};

// What the shipped model may cost. 0: anything. No part of training: it refuses a recipe, and changes no result.
struct BudgetRecipe {
  double size_mb = 0.0;     // of model.nog, in 10^6 bytes
  double latency_us = 0.0;  // median of a text of median length, one thread, on the machine that asks
  double drop = 0.0;        // points on dev below the float student that `noggin compress` may lose for a smaller file
};

// The model that is on devices now, which a new one replaces. Empty: none.
struct ShippedRecipe {
  std::string model;  // a .nog file; phases with keep_weight learn from its answers
};

// When a new model may replace an old one: `noggin compare` and `noggin nightly`.
struct CompareRecipe {
  double margin = 0.01;                                     // a smaller difference of the primary metric is none
  std::vector<std::string> accept{"better", "equivalent"};  // verdicts that end with exit code 0
  std::vector<std::string> by;                              // fields of the rows that changed answers are counted by
  std::string group;                                        // field of the rows that are resampled together
};

// One night of `noggin nightly`.
struct NightlyRecipe {
  std::uint32_t keep = 7;          // finished nights that are kept
  std::uint32_t min_new_rows = 1;  // fewer new training rows: nothing new
  bool start_from_shipped =
      true;                     // go on from the checkpoint of the model that is shipped, where its shape is the same
  std::string prometheus_file;  // a copy of the figures for node_exporter's textfile collector; empty: none
  std::vector<std::string> counters;  // what devices have counted (noggin_counters as JSON); drift is told from them
};

// A folder that devices take updates from: `noggin publish`.
struct PublishRecipe {
  std::string folder;  // empty: `nightly` publishes into the folder of shipped models alone
  std::string key;     // secret key file (`noggin key new`); empty: unsigned, which no device accepts
  std::string channel = "stable";
  double rollout = 100.0;           // percent of devices
  std::uint32_t expires_days = 30;  // after which devices refuse the manifest
};

// When counters of devices differ too much from what the model saw on dev: `noggin drift`.
struct DriftRecipe {
  double max_psi = 0.2;               // population stability index of any histogram
  double max_p_value = 0.001;         // ... and the test of the same histogram is at most this
  std::uint64_t min_requests = 1000;  // fewer: "cannot tell"
};

// What the author says about a model, for MODEL_CARD.md. Empty: "not stated".
struct CardRecipe {
  std::string description, intended_use, limits, license, language, teacher, teacher_terms, data_source;
};

struct Recipe {
  std::string name = "student";
  std::uint64_t seed = 1;
  spec::TaskKind task = spec::TaskKind::kSingleLabel;
  DataRecipe data;
  ChecksRecipe checks;
  TokenizerRecipe tokenizer;
  InitRecipe init;
  OnlineTeacherRecipe online_teacher;
  StudentRecipe student;
  QuantizeRecipe quantize;
  TrainRecipe train;
  std::vector<Phase> phases;
  BaselineRecipe baseline;
  StaticRecipe static_student;
  CascadeRecipe cascade;
  ExportRecipe exports;  // key "export"
  GateRecipe gates;
  BudgetRecipe budget;
  ShippedRecipe shipped;
  CompareRecipe compare;
  NightlyRecipe nightly;
  PublishRecipe publish;
  DriftRecipe drift;
  CardRecipe card;
  std::string path;  // where it was read from
};

// One thing wrong with a recipe.
struct RecipeProblem {
  std::string where;    // "recipe.yaml:12" or "command line: train.lr=x"
  std::string message;  // what, why and what to do, nearest key included
};

struct RecipeParse {
  Recipe recipe;
  std::vector<RecipeProblem> problems;  // errors: empty means usable
  std::vector<RecipeProblem> warnings;  // removed or renamed keys
};

// Reads YAML, applies "key=value" overrides (dotted paths; list items by index: phases.0.epochs=3), checks everything
// that needs no file access, and reports all problems at once. Relative paths in the file are relative to it; in
// overrides, to the working directory.
RecipeParse read_recipe(const std::string& path, const std::vector<std::string>& overrides);

// The complete recipe as YAML, with every key: recipe.resolved.yaml. Equal recipes give equal text. `path` is left out.
std::string to_yaml(const Recipe& recipe);

// The same for some sections only (stage_sections.h): every other key is written with its default.
std::string to_yaml(const Recipe& recipe, std::span<const std::string_view> sections);

// Sets what the recipe's start decides; false: it cannot be read (adopt_pretrained.h, train/start/adopt_start.h).
using Adopt = std::function<bool(Recipe&)>;

// "key = value   (from recipe.yaml:12 | default | command line)   what it means", one line per key: check --explain.
std::string explain(const std::string& path, const std::vector<std::string>& overrides, const Adopt& adopt);

// The same with a line of explanation above every key; paths are written as in the recipe.
std::string commented_yaml(const Recipe& recipe);

// A commented recipe to start from, for `init`: the choices that every recipe makes and what differs from defaults.
std::string commented_template();

}  // namespace noggin::train
