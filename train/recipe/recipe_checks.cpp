// Rules between keys, which no single value can check.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "bytes/utf8.h"
#include "data/rows/labels.h"
#include "spec/model_config.h"
#include "train/recipe/declared_checks.h"
#include "train/recipe/recipe_parser.h"
#include "train/recipe/static_problems.h"
#include "train/recipe/word_widths.h"

namespace noggin::train {
namespace {

class Checker {
 public:
  explicit Checker(ParsedRecipe& parsed) : parsed_(parsed), recipe_(parsed.parse.recipe) {}

  void check() {
    check_name();
    check_labels();
    check_checks();
    check_sources();
    check_student();
    check_quantize();
    check_word_widths();
    check_start();
    check_cascade();
    check_baseline();
    check_shipping();
    check_phase_order();
    for (std::size_t i = 0; i < recipe_.phases.size(); ++i) check_phase(i);
  }

 private:
  const spec::TaskTraits& task() const { return spec::traits_of(recipe_.task); }

  // Where the first of `keys` was given; the file itself if all are defaults.
  std::string where(std::initializer_list<std::string> keys) const {
    for (const std::string& key : keys) {
      const auto origin = parsed_.origins.find(key);
      if (origin != parsed_.origins.end()) return origin->second.where;
    }
    return recipe_.path;
  }
  void problem(std::initializer_list<std::string> keys, const std::string& message) {
    parsed_.parse.problems.push_back({where(keys), message});
  }

  // It names the folder runs/<name> and stands in reports.
  void check_name() {
    constexpr std::size_t kMostBytes = 200;  // of a file name: 255, less what temporary files append
    const std::string& name = recipe_.name;
    const bool controls =
        std::ranges::any_of(name, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
    const char* why = nullptr;
    if (name.find_first_not_of(" .") == std::string::npos) why = "has nothing but blanks and dots";
    if (name.empty()) why = "is empty";
    if (name.find('/') != std::string::npos) why = "has a slash, so runs/<name> would be another folder";
    if (controls) why = "has a control character";
    if (name.size() > kMostBytes) why = "has more than 200 bytes";
    if (!is_valid_utf8(name)) why = "is not UTF-8";
    if (why == nullptr) return;
    problem({"name"}, fmt::format("name {}. Fix: take a plain word, such as student; --out sets another folder", why));
  }

  void check_labels() {
    const DataRecipe& data = recipe_.data;
    const bool fixed = task().has_fixed_classes();
    if (fixed && !(data.labels.empty() && data.labels_file.empty())) {
      problem({"data.labels", "data.labels_file"},
              fmt::format("the classes of a {} task are fixed. Fix: remove the key", task().name));
    }
    if (!data.none_label.empty() && !task().abstains) {
      problem({"data.none_label"}, "data.none_label is only used by task single_label. Fix: remove it");
    }
    if (fixed) return;
    if (data.labels.empty() && data.labels_file.empty()) {
      problem({"data.labels", "data.labels_file"}, "no classes are named. Fix: set data.labels or data.labels_file");
    } else if (!data.labels.empty() && !data.labels_file.empty()) {
      problem({"data.labels"}, "both data.labels and data.labels_file are set. Fix: keep one of the two");
    } else if (!data.labels.empty()) {
      const auto labels = data::LabelSet::create(data.labels, data.label_words, data.none_label, recipe_.task);
      if (!labels) problem({"data.labels"}, "data.labels: " + labels.error().message);
    }
  }

  // Types that a file of classes names: recipe_check.cpp.
  void check_checks() {
    for (std::size_t i = 0; i < recipe_.checks.types.size(); ++i) {
      const std::string key = fmt::format("checks.{}", spec::kCheckNames[i]);
      if (recipe_.checks.types[i].empty()) continue;
      if (task().classes != spec::ClassNames::kIob2) {
        problem({key}, fmt::format("{} is only used by task tag; this is {}. Fix: remove it", key, task().name));
        continue;
      }
      const auto labels = data::LabelSet::create(recipe_.data.labels, recipe_.data.label_words, {}, recipe_.task);
      if (recipe_.data.labels.empty() || !labels) continue;
      ChecksRecipe one;
      one.types[i] = recipe_.checks.types[i];
      const auto declared = declared_checks(one, recipe_.task, labels->names());
      if (!declared) problem({key}, declared.error().message);
    }
  }

  void check_cascade() {
    const CascadeRecipe& cascade = recipe_.cascade;
    if (cascade.accuracy > 0.0 && cascade.escalation > 0.0) {
      problem({"cascade.escalation", "cascade.accuracy"},
              "cascade.accuracy and cascade.escalation are both set. Fix: keep one");
    }
    if (cascade.accuracy + cascade.escalation > 0.0 && !task().abstains) {
      problem({"cascade.accuracy", "cascade.escalation"}, "only task single_label abstains. Fix: remove the key");
    }
  }

  void check_baseline() {
    if (!recipe_.baseline.exported || !task().per_token()) return;
    problem(
        {"baseline.export"},
        fmt::format(
            "baseline.export is true, but task {} answers per word, and files of linear models answer per text. Fix: "
            "remove the key; the result table still has the baseline",
            task().name));
  }

  void check_held_out(const std::string& split, const std::vector<data::Source>& sources, double share,
                      const char* use) {
    if (sources.empty() && share == 0.0)
      problem({"data." + split}, fmt::format("data.{0} is empty: {1}. Fix: add a source, or take a part of data.train: "
                                             "data.{0}_share: 0.1",
                                             split, use));
    if (!sources.empty() && share > 0.0)
      problem(
          {"data." + split + "_share"},
          fmt::format("data.{0} has sources of its own, so data.{0}_share takes nothing. Fix: remove one of the two",
                      split));
  }

  void check_sources() {
    const DataRecipe& data = recipe_.data;
    if (data.train.empty()) problem({"data.train"}, "data.train is empty: nothing to learn from. Fix: add a source");
    check_held_out("dev", data.dev, data.dev_share, "it chooses the best checkpoint");
    check_held_out("test", data.test, data.test_share, "every reported number comes from it");
    if (data.dev_share + data.test_share >= 1.0)
      problem({"data.dev_share", "data.test_share"},
              "data.dev_share and data.test_share leave nothing to learn from. Fix: take 0.1 for each");
    for (const auto& [key, split] :
         {std::pair{"data.train", &data.train}, std::pair{"data.dev", &data.dev}, std::pair{"data.test", &data.test}}) {
      if (task().per_token() ||
          std::ranges::all_of(*split, [](const data::Source& source) { return source.unit == data::Source().unit; }))
        continue;
      problem({key},
              fmt::format("{} has a source with unit, which only tasks with spans use; this is {}. Fix: remove it", key,
                          task().name));
    }
    std::set<std::string> seen;
    for (const data::Source& source : data.train) seen.insert(source.path);
    for (const auto* held_out : {&data.dev, &data.test}) {
      const std::string key = held_out == &data.dev ? "data.dev" : "data.test";
      for (const data::Source& source : *held_out) {
        if (source.path.empty() || seen.insert(source.path).second) continue;
        problem({key}, fmt::format("{} reads {}, which another split also reads: figures measured on it mean nothing. "
                                   "Fix: keep each file in one split",
                                   key, source.path));
      }
    }
  }

  void check_static() {
    for (const StaticProblem& wrong : static_problems(recipe_)) problem({wrong.key, "student.layers"}, wrong.message);
  }

  void check_student() {
    const StudentRecipe& student = recipe_.student;
    check_static();
    if (!recipe_.init.from.empty()) return;  // its shape is that of the start: adopt_start
    if (recipe_.init.folder.empty() && student.embedding_width >= student.width) {  // else adopt_pretrained
      problem(
          {"student.embedding_width", "student.width"},
          fmt::format("student.embedding_width {} is not below student.width {}: it would save nothing. Fix: take a "
                      "narrower one, or remove the key",
                      student.embedding_width, student.width));
    }
    if (student.width % student.heads != 0) {
      problem({"student.heads", "student.width"},
              fmt::format("student.width {} is not a multiple of student.heads {}. Fix: take a width of {} or {}",
                          student.width, student.heads, std::max(1U, student.width / student.heads) * student.heads,
                          (student.width / student.heads + 1) * student.heads));
    } else if (student.width / student.heads > spec::kMaxHeadWidth) {
      problem(
          {"student.width", "student.heads"},
          fmt::format(
              "student.width {} over student.heads {} gives heads of width {}; at most {} is supported. Fix: take more "
              "heads",
              student.width, student.heads, student.width / student.heads, spec::kMaxHeadWidth));
    }
  }

  void check_word_widths() {
    if (recipe_.init.given()) return;  // adopt_pretrained, adopt_start
    if (const auto wrong = word_width_problem(recipe_)) problem({wrong->key, "phases"}, wrong->message);
  }

  void check_quantize() {
    const std::uint32_t group = recipe_.quantize.group;
    if (recipe_.quantize.weight_bits == 8) {
      if (recipe_.quantize.widen_bytes > 0)
        problem(
            {"quantize.widen_bytes"},
            "quantize.widen_bytes is for layers of four bits, and quantize.weight_bits is 8. Fix: remove the key, or "
            "set quantize.weight_bits: 4");
      for (std::size_t i = 0; i < recipe_.phases.size(); ++i)
        if (recipe_.phases[i].step_learning_rate > 0.0)
          problem({"phases"},
                  fmt::format("phases.{}.step_learning_rate is for layers of four bits, and "
                              "quantize.weight_bits is 8. Fix: remove the key, or set quantize.weight_bits: 4",
                              i));
      return;
    }
    for (const auto& [key, width] : {std::pair{"student.width", recipe_.student.width},
                                     std::pair{"student.ffn_width", recipe_.student.ffn_width}}) {
      if (recipe_.init.given() || width % group == 0) continue;  // of a start: adopt_pretrained, adopt_start
      problem({"quantize.group", key},
              fmt::format("quantize.group {} does not divide {} {}. Fix: take a group of 32, 64 or 128 that does, or "
                          "another width",
                          group, key, width));
    }
  }

  // Keys that mean something only together with another.
  void check_start() {
    if (!recipe_.init.folder.empty() && !recipe_.init.from.empty()) {
      problem({"init.from", "init.folder"},
              "init.folder and init.from are both set: the weights come from one of the two. Fix: keep init.from to go "
              "on with a trained student and its classifier, init.folder to begin with an encoder");
    }
    const bool reads_vocabulary = recipe_.init.given() || !recipe_.tokenizer.vocabulary_file.empty();
    if (recipe_.tokenizer.trim && !reads_vocabulary) {
      problem({"tokenizer.trim"},
              "tokenizer.trim is true, but the vocabulary is trained, which needs no trimming. Fix: remove "
              "the key, or set init.folder, init.from or tokenizer.vocabulary_file");
    }
    if (recipe_.tokenizer.fill && !recipe_.tokenizer.trim) {
      problem({"tokenizer.fill"},
              "tokenizer.fill is true, but nothing is trimmed. Fix: set tokenizer.trim, or remove the key");
    }
    if (!recipe_.online_teacher.folder.empty() && std::ranges::none_of(recipe_.phases, asks_online_teacher)) {
      problem({"live_teacher.folder"},
              "live_teacher.folder is set, but no phase uses it. Fix: set hidden_weight, attention_weight "
              "or relation_weight in a phase, or remove the key");
    }
    if (!recipe_.train.form_types.empty()) {
      if (task().classes != spec::ClassNames::kIob2) {
        problem({"train.form_types"},
                fmt::format("train.form_types is only used by task tag; this is {}. Fix: remove it", task().name));
      } else if (std::ranges::none_of(recipe_.phases,
                                      [](const Phase& phase) { return phase.mention_replacement > 0.0; })) {
        problem({"train.form_types"},
                "train.form_types is set, but no phase has a span_swap to use it. Fix: set span_swap in a "
                "phase, or remove the key");
      }
    }
    if (!recipe_.init.keep_layers.empty() && recipe_.init.folder.empty()) {
      problem({"init.keep_layers"},
              "init.keep_layers is set, but there is no init.folder to take layers from. Fix: set "
              "init.folder, or remove the key");
    }
  }

  void check_shipping() {
    static constexpr std::string_view kVerdicts[] = {"better", "equivalent", "cannot tell", "worse"};
    for (const std::string& verdict : recipe_.compare.accept) {
      if (std::ranges::find(kVerdicts, verdict) == std::end(kVerdicts)) {
        problem({"compare.accept"},
                fmt::format("compare.accept has \"{}\", which is no verdict. Fix: better, equivalent, cannot tell or "
                            "worse",
                            verdict));
      }
    }
    if (!recipe_.publish.folder.empty() && recipe_.publish.key.empty()) {
      problem({"publish.folder"},
              "publish.folder is set, but publish.key is not: devices accept nothing unsigned. Fix: make a key with "
              "`noggin key new FILE`, and set publish.key to it");
    }
    for (std::size_t i = 0; i < recipe_.phases.size(); ++i) {
      if (recipe_.phases[i].keep_weight > 0.0 && recipe_.task != spec::TaskKind::kSingleLabel) {
        problem({fmt::format("phases.{}.keep_weight", i)},
                fmt::format("phases.{}.keep_weight is for task single_label; this is {}. Fix: remove the key", i,
                            task().name));
      }
    }
  }

  // distil first, unless the student is trained already, and at most one qat, last; between them prune and distil, so
  // that a pruned student recovers at its new size.
  void check_phase_order() {
    const std::vector<Phase>& phases = recipe_.phases;
    if (phases.empty())
      return problem({"phases"}, "phases is empty: nothing would be trained. Fix: add - kind: distil");
    for (std::size_t i = 0; i < phases.size(); ++i) {
      const std::string name = fmt::format("phases.{}", i);
      if (i == 0 && phases[i].kind != PhaseKind::kDistil && recipe_.init.from.empty()) {
        problem({name},
                fmt::format(
                    "phases starts with {}: the student still has random weights. Fix: start with a distil phase, or "
                    "name a trained student in init.from",
                    phase_kind_name(phases[i].kind)));
      }
      if (i == 0) continue;
      if (phases[i - 1].kind == PhaseKind::kQat && phases[i].kind != PhaseKind::kQat) {
        problem({name}, fmt::format("a {} phase cannot follow a qat phase. Fix: put qat last",
                                    phase_kind_name(phases[i].kind)));
      } else if (phases[i].kind == phases[i - 1].kind && phases[i].kind != PhaseKind::kDistil) {
        problem({name}, fmt::format("a second {} phase. Fix: merge the two", phase_kind_name(phases[i].kind)));
      }
    }
    if (phases.back().kind != PhaseKind::kQat) {
      parsed_.parse.warnings.push_back({where({"phases"}),
                                        "no qat phase: this student cannot be exported. Fix: end phases with "
                                        "- kind: qat (epochs: 0 only calibrates)"});
    }
  }

  void check_phase(std::size_t index) {
    const Phase& phase = recipe_.phases[index];
    const std::string name = fmt::format("phases.{}", index);
    if (phase.teacher_weight + phase.gold_weight + phase.float_weight <= 0.0 && !asks_online_teacher(phase)) {
      problem({name + ".teacher_weight", name},
              name +
                  " has teacher_weight and gold_weight 0: no loss is left. Fix: set one of them, or, in a later phase, "
                  "float_weight");
    }
    if (index == 0 && phase.float_weight > 0.0 && recipe_.init.from.empty()) {
      problem(
          {name + ".float_weight"},
          name +
              ".float_weight is set, but before the first phase there is no float student that it could learn from. "
              "Fix: set it in a later phase, or name a trained student in init.from");
    }
    if (asks_online_teacher(phase) && recipe_.online_teacher.folder.empty()) {
      problem({name + ".hidden_weight", name + ".attention_weight", name + ".relation_weight", name},
              name +
                  " needs a live teacher, but live_teacher.folder is empty. Fix: set it, or remove hidden_weight, "
                  "attention_weight and relation_weight");
    }
    if (phase.gold_weight > 0.0 && !recipe_.data.ingest.use_gold_labels) {
      problem({name + ".gold_weight", name},
              name +
                  ".gold_weight is set, but data.use_gold_labels is false. Fix: set the weight "
                  "to 0, or data.use_gold_labels: true");
    }
    if (phase.epochs <= 0.0 && phase.kind != PhaseKind::kQat) {
      problem({name + ".epochs"}, name + ".epochs is 0: the phase would do nothing. Fix: remove the phase");
    }
    const bool binary = task().activation == spec::Activation::kSigmoid;
    if (binary && (phase.divergence != Divergence::kForwardKl || phase.label_smoothing > 0.0)) {
      problem({name + ".divergence", name + ".label_smoothing", name},
              fmt::format("{} has a divergence or label_smoothing that task {} does not support. Fix: remove it", name,
                          task().name));
    }
    const bool swaps = phase.mention_replacement > 0.0 || phase.word_swap > 0.0 || phase.digit_swap > 0.0;
    if (swaps && task().classes != spec::ClassNames::kIob2) {
      problem(
          {name + ".span_swap", name + ".word_swap", name + ".digit_swap", name},
          fmt::format("{} swaps spans, words or digits, which only task tag does; this is {}. Fix: remove span_swap, "
                      "word_swap and digit_swap",
                      name, task().name));
    }
    if (phase.kind != PhaseKind::kPrune) return;
    if (phase.heads_fraction <= 0.0 && phase.ffn_fraction <= 0.0 && phase.word_width == 0) {
      problem({name}, name + " removes nothing. Fix: set heads_share, ffn_share or word_width, or remove the phase");
    }
    if (phase.removal_epochs > phase.epochs) {
      problem({name + ".removal_epochs", name + ".epochs", name},
              fmt::format("{}.removal_epochs {} is more than epochs {}. Fix: leave some epochs for recovery", name,
                          phase.removal_epochs, phase.epochs));
    }
  }

  ParsedRecipe& parsed_;
  const Recipe& recipe_;
};

}  // namespace

void check_recipe(ParsedRecipe& parsed) { Checker(parsed).check(); }

}  // namespace noggin::train
