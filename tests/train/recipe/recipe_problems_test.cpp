// Every kind of mistake in keys and values, each reported with its place, its reason and what to do.
#include "format/file_layout.h"
#include "spec/model_config.h"
#include "tests/support/cli_recipe_problems.h"
#include "tokenizer/ngram_features.h"
#include "tokenizer/normalizer.h"
#include "train/recipe/recipe.h"

namespace noggin::train {
namespace {

using test::at;
using test::lines;
using test::valid_recipe;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class RecipeProblems : public test::WrittenRecipe {};

TEST_F(RecipeProblems, NoneInAValidRecipe) {
  EXPECT_THAT(problems_of(valid_recipe()), IsEmpty());
  EXPECT_THAT(lines(read_recipe(folder_.file("recipe.yaml"), {}).warnings), IsEmpty());
}

TEST_F(RecipeProblems, UnknownKeyNamesLineAndNearest) {
  EXPECT_THAT(
      problems_with("train:\n  batch_row: 8\n"),
      ElementsAre(at("recipe.yaml:13", "unknown key \"train.batch_row\"; the nearest is \"train.batch_rows\"")));
  EXPECT_THAT(problems_with("studnet: {layers: 1}\n"), ElementsAre(at("recipe.yaml:12", "the nearest is \"student\"")));
  EXPECT_THAT(problems_of(valid_recipe() + "    epoch: 3\n"),
              ElementsAre(at("recipe.yaml:12", "\"phases.1.epoch\"; the nearest is \"phases.1.epochs\"")));
}

TEST_F(RecipeProblems, KeyInTheWrongSectionIsPointedToTheRightOne) {
  EXPECT_THAT(problems_with("max_tokens: 8\n"),
              ElementsAre(at("recipe.yaml:12", "the nearest is \"tokenizer.max_tokens\"")));
}

TEST_F(RecipeProblems, UnitOfASource) {
  EXPECT_THAT(problems_of(valid_recipe(), {"data.dev=[{path: dev.jsonl, unit: byte}]"}),
              ElementsAre(HasSubstr("only tasks with spans use; this is single_label")));
  EXPECT_THAT(problems_of(valid_recipe(), {"task=tag", "data.labels=[O, B-PER]",
                                           "data.none_label=", "data.dev=[{path: dev.jsonl, unit: utf8}]"}),
              ElementsAre(HasSubstr("data.dev.0.unit is \"utf8\", must be one of byte, code_point, utf16")));
}

TEST_F(RecipeProblems, UnknownKeyOfASource) {
  std::string text = valid_recipe();
  text.replace(text.find("path: dev"), 4, "pfad");
  EXPECT_THAT(problems_of(text), ElementsAre(at("recipe.yaml:6", "\"data.dev.0.pfad\"; the nearest is \"path\""),
                                             at("recipe.yaml:6", "data.dev.0 has no path")));
}

TEST_F(RecipeProblems, DuplicateKeysAreRefusedWithBothLines) {
  EXPECT_THAT(problems_with("name: other\n"),
              ElementsAre(AllOf(at("recipe.yaml:12", "\"name\" is given twice"), HasSubstr("recipe.yaml:1."))));
}

// runs/<name> is the default run directory.
TEST_F(RecipeProblems, ANameThatLeavesItsFolder) {
  std::string unnamed = valid_recipe();
  unnamed.erase(0, unnamed.find('\n') + 1);
  const std::string too_long(201, 'n');
  const auto named = [&](const std::string& name) {
    std::string text = "name: \"";
    text += name;
    text += "\"\n";
    return text += unnamed;
  };
  for (const std::string& name :
       {std::string("../../evil"), std::string("/tmp/evil"), std::string("a/b"), std::string(".."), std::string("."),
        std::string(), std::string("  "), std::string("a\\tb"), std::string("a\\x7fb"), too_long}) {
    EXPECT_THAT(problems_of(named(name)), ElementsAre(at("recipe.yaml:1", "name "))) << name;
  }
  for (const char* name : {"my model v2.1", ".hidden", "\xC3\xA9t\xC3\xA9"}) {
    EXPECT_THAT(problems_of(named(name)), IsEmpty()) << name;
  }
}

TEST_F(RecipeProblems, WrongTypes) {
  EXPECT_THAT(problems_with("train: {ema: fast}\n"),
              ElementsAre(at("recipe.yaml:12", "train.ema is \"fast\", must be a number")));
  EXPECT_THAT(problems_with("train: {batch_rows: 1.5}\n"), ElementsAre(at("recipe.yaml:12", "must be a whole number")));
  EXPECT_THAT(problems_with("train: {batch_rows: -1}\n"), ElementsAre(at("recipe.yaml:12", "must be a whole number")));
  EXPECT_THAT(problems_with("train: {batch_rows: [1]}\n"),
              ElementsAre(at("recipe.yaml:12", "train.batch_rows is a list")));
  EXPECT_THAT(problems_with("export: {onnx: yes}\n"), ElementsAre(at("recipe.yaml:12", "must be true or false")));
  EXPECT_THAT(problems_with("train: {device: gpu}\n"),
              ElementsAre(at("recipe.yaml:12", "one of auto, cpu, cuda; the nearest is")));
  EXPECT_THAT(problems_with("gates: {required_targets: avx2}\n"),
              ElementsAre(at("recipe.yaml:12", "must be a list of texts")));
  EXPECT_THAT(problems_with("tokenizer: 3\n"), ElementsAre(at("recipe.yaml:12", "tokenizer is \"3\", must be a map")));
  EXPECT_THAT(problems_with("train: {ema: }\n"), ElementsAre(at("recipe.yaml:12", "train.ema is nothing")));
  EXPECT_THAT(problems_of("name: x\nphases: distil\n"),
              testing::Contains(at("recipe.yaml:2", "phases is \"distil\", must be a list")));
}

TEST_F(RecipeProblems, NotANumberAndInfinityAreRefused) {
  EXPECT_THAT(problems_with("train: {ema: nan}\n"), ElementsAre(at("recipe.yaml:12", "train.ema")));
  EXPECT_THAT(problems_with("train: {clip_norm: inf}\n"), ElementsAre(at("recipe.yaml:12", "train.clip_norm")));
}

TEST_F(RecipeProblems, RangesNameBothEnds) {
  EXPECT_THAT(problems_with("student: {dropout: 1.0}\n"),
              ElementsAre(at("recipe.yaml:12", "must be a number from 0 to 0.9")));
  EXPECT_THAT(problems_with("tokenizer: {max_tokens: 2}\n"), ElementsAre(at("recipe.yaml:12", "from 3 to 4096")));
}

TEST_F(RecipeProblems, AllAtOnce) {
  EXPECT_THAT(problems_with("train:\n  ema: 2\n  thread: 1\nstudent: {width: 130, heads: 4}\n"),
              ElementsAre(at("recipe.yaml:13", "train.ema"), at("recipe.yaml:14", "train.thread"),
                          at("recipe.yaml:15", "not a multiple")));
}

TEST_F(RecipeProblems, WidthMustDivideIntoHeads) {
  EXPECT_THAT(
      problems_with("student:\n  width: 130\n"),
      ElementsAre(at("recipe.yaml:13",
                     "student.width 130 is not a multiple of student.heads 4. Fix: take a width of 128 or 132")));
  EXPECT_THAT(problems_with("student: {width: 1024, heads: 1}\n"), ElementsAre(at("recipe.yaml:12", "at most 256")));
}

TEST_F(RecipeProblems, AnOnlineTeacherIsNamedAndAsked) {
  const std::string asking = valid_recipe() + "    relation_weight: 1\n";
  EXPECT_THAT(problems_of(asking),
              ElementsAre(at("recipe.yaml:12", "phases.1 needs a live teacher, but live_teacher.folder is empty")));
  EXPECT_THAT(problems_of(asking + "live_teacher: {folder: f}\n"), IsEmpty());
  EXPECT_THAT(problems_with("live_teacher: {folder: f}\n"),
              ElementsAre(at("recipe.yaml:12", "live_teacher.folder is set, but no phase uses it")));
  EXPECT_THAT(problems_of(valid_recipe() + "    attention_weight: 1\nlive_teacher: {folder: f}\n"),
              ElementsAre(at("recipe.yaml:12", "phases.1.attention_weight is not used by a qat phase"),
                          at("recipe.yaml:13", "no phase uses it")));
}

TEST_F(RecipeProblems, WordsAreNarrowerThanTheModel) {
  EXPECT_THAT(problems_with("student: {embedding_width: 64}\n"), testing::IsEmpty());
  EXPECT_THAT(problems_with("student: {embedding_width: 128}\n"),
              ElementsAre(at("recipe.yaml:12", "student.embedding_width 128 is not below student.width 128")));
}

TEST_F(RecipeProblems, AStudentWithoutLayersIsAskedForNothingThatItLacks) {
  EXPECT_THAT(problems_with("student: {layers: 0}\n"), testing::IsEmpty());
  EXPECT_THAT(problems_with("student: {layers: 0, pooling: first_token, embedding_width: 8}\n"),
              ElementsAre(at("recipe.yaml:12", "student.layers is 0, but student.pooling is not mean"),
                          at("recipe.yaml:12", "student.layers is 0, but student.embedding_width is set")));
  EXPECT_THAT(problems_of(valid_recipe() + "student: {layers: 0}\n", {"phases.1.kind=prune", "phases.1.ffn_share=0.5"}),
              testing::Contains(at("recipe.yaml:9", "a prune phase removes heads and neurons")));
}

TEST_F(RecipeProblems, WordsHaveEightBitsOrFour) {
  for (const char* bits : {"4", "8"}) {
    EXPECT_THAT(problems_with(std::string("quantize: {embedding_bits: ") + bits + "}\n"), testing::IsEmpty());
  }
  EXPECT_THAT(problems_with("quantize: {embedding_bits: 5}\n"),
              ElementsAre(at("recipe.yaml:12", "quantize.embedding_bits is \"5\", must be one of 8, 4")));
}

TEST_F(RecipeProblems, AGroupOfFourBitWeightsDividesTheWidths) {
  EXPECT_THAT(problems_with("quantize: {weight_bits: 4}\n"), IsEmpty());
  EXPECT_THAT(problems_with("quantize: {weight_bits: 4, group: 128}\n"), IsEmpty());
  EXPECT_THAT(problems_with("quantize: {weight_bits: 4, group: 48}\n"),
              ElementsAre(at("recipe.yaml:12", "quantize.group is \"48\", must be one of 32, 64, 128")));
  EXPECT_THAT(problems_with("quantize: {weight_bits: 4}\nstudent: {width: 96, ffn_width: 160}\n"),
              ElementsAre(at("recipe.yaml:13", "quantize.group 64 does not divide student.width 96"),
                          at("recipe.yaml:13", "quantize.group 64 does not divide student.ffn_width 160")));
  EXPECT_THAT(problems_with("quantize: {weight_bits: 8, group: 128}\nstudent: {width: 96}\n"), IsEmpty());
}

TEST_F(RecipeProblems, OnlyFourBitWeightsHaveStepsToLearn) {
  const std::string learns = "phases=[{kind: distil}, {kind: qat, step_learning_rate: 0.1}]";
  EXPECT_THAT(problems_of(valid_recipe(), {learns, "quantize.weight_bits=4"}), IsEmpty());
  EXPECT_THAT(problems_of(valid_recipe(), {learns}),
              ElementsAre(HasSubstr("phases.1.step_learning_rate is for layers of four bits")));
}

TEST_F(RecipeProblems, ExactlyOneOfLabelsAndLabelsFile) {
  std::string text = valid_recipe();
  EXPECT_THAT(problems_of(text, {"data.labels_file=l.json"}), ElementsAre(at("recipe.yaml:3", "keep one of the two")));
  text.replace(text.find("  labels"), text.find("  train") - text.find("  labels"), "");
  EXPECT_THAT(problems_of(text), ElementsAre(at("recipe.yaml", "no classes are named")));
}

TEST_F(RecipeProblems, ClashingLabelsAreFoundWithoutFiles) {
  EXPECT_THAT(problems_of(valid_recipe(), {"data.label_words={refund: [A], parcel: [A]}"}),
              ElementsAre(at("recipe.yaml:3", "data.labels: ")));
  EXPECT_THAT(problems_of(valid_recipe(), {"data.none_label=nothing"}), ElementsAre(at("recipe.yaml:3", "nothing")));
}

TEST_F(RecipeProblems, EachSplitNeedsASource) {
  EXPECT_THAT(
      problems_of(valid_recipe(), {"data.train=[]", "data.dev=[]", "data.test=[]"}),
      ElementsAre(HasSubstr("data.train is empty"), HasSubstr("data.dev is empty"), HasSubstr("data.test is empty")));
}

TEST_F(RecipeProblems, OneFileInTwoSplits) {
  std::string text = valid_recipe();
  text.replace(text.find("test.jsonl"), 4, "train");
  EXPECT_THAT(problems_of(text), ElementsAre(at("recipe.yaml:7", "which another split also reads")));
}

TEST_F(RecipeProblems, BatchLogsNeedRequestsAndOthersHaveNone) {
  std::string text = valid_recipe();
  text.replace(text.find("jsonl, path: train"), 5, "openai_batch");
  EXPECT_THAT(problems_of(text), ElementsAre(at("recipe.yaml:5", "data.train.0 has no requests")));
  text = valid_recipe();
  text.insert(text.find("}]"), ", requests: r.jsonl");
  EXPECT_TRUE(problems_of(text).empty()) << "any log may have its texts in another file";
  text.replace(text.find("jsonl, path: train"), 5, "json_object");
  EXPECT_THAT(problems_of(text), ElementsAre(at("recipe.yaml:5", "only used for JSON lines")));
}

TEST_F(RecipeProblems, OnlyFilesWithColumnsNameThem) {
  std::string text = valid_recipe();
  text.insert(text.find("}]"), ", columns: [tokens, tags]");
  EXPECT_THAT(problems_of(text), ElementsAre(at("recipe.yaml:5", "only used by adapters tsv and conll")));
  text.replace(text.find("jsonl, path: train"), 5, "conll");
  EXPECT_THAT(problems_of(text), testing::IsEmpty());
  text = valid_recipe();
  text.replace(text.find("jsonl, path: train"), 5, "brat");
  EXPECT_THAT(problems_of(text), testing::IsEmpty());
}

TEST_F(RecipeProblems, PhaseOrder) {
  const auto with_phases = [&](const std::string& phases) { return problems_of(valid_recipe(), {"phases=" + phases}); };
  EXPECT_THAT(with_phases("[]"), ElementsAre(HasSubstr("phases is empty")));
  EXPECT_THAT(with_phases("[{kind: qat}]"), ElementsAre(HasSubstr("start with a distil phase")));
  EXPECT_THAT(with_phases("[{kind: distil}, {kind: qat}, {kind: prune, ffn_share: 0.5}]"),
              ElementsAre(HasSubstr("a prune phase cannot follow a qat phase")));
  EXPECT_THAT(with_phases("[{kind: distil}, {kind: qat}, {kind: distil}]"), ElementsAre(HasSubstr("cannot follow")));
  EXPECT_THAT(with_phases("[{kind: distil}, {kind: qat}, {kind: qat}]"), ElementsAre(HasSubstr("a second qat phase")));
  EXPECT_THAT(with_phases("[{kind: distil}, {kind: prune, ffn_share: 0.5}, {kind: prune, ffn_share: 0.5}]"),
              ElementsAre(HasSubstr("a second prune phase")));
  EXPECT_THAT(with_phases("[{kind: distil}, {kind: distil}, {kind: prune, ffn_share: 0.5}, {kind: qat}]"), IsEmpty());
  EXPECT_THAT(with_phases("[{kind: distil}, {kind: prune, ffn_share: 0.5}, {kind: distil}, {kind: prune, ffn_share: "
                          "0.2}, {kind: distil}, {kind: qat}]"),
              IsEmpty());
}

TEST_F(RecipeProblems, NoQatPhaseIsOnlyAWarning) {
  const RecipeParse parse = read_recipe(folder_.write("recipe.yaml", valid_recipe()), {"phases=[{kind: distil}]"});
  EXPECT_THAT(parse.problems, IsEmpty());
  EXPECT_THAT(lines(parse.warnings), ElementsAre(HasSubstr("no qat phase")));
}

TEST_F(RecipeProblems, KeysThatAPhaseKindDoesNotUse) {
  EXPECT_THAT(problems_with("    heads_share: 0.5\n"),
              ElementsAre(AllOf(at("recipe.yaml:12", "phases.1.heads_share is not used by a qat phase"),
                                HasSubstr("calibration_batches"))));
  EXPECT_THAT(problems_of(valid_recipe(), {"phases.0.calibration_batches=3"}),
              ElementsAre(HasSubstr("not used by a distil phase")));
}

TEST_F(RecipeProblems, SwapsAreOfTaggers) {
  EXPECT_THAT(problems_of(valid_recipe(), {"phases.0.span_swap=0.5"}),
              ElementsAre(HasSubstr("this is single_label. Fix: remove span_swap")));
  EXPECT_THAT(problems_of(valid_recipe(), {"phases.0.word_swap=0.5"}),
              ElementsAre(HasSubstr("which only task tag does")));
  EXPECT_THAT(problems_of(valid_recipe(), {"phases.0.digit_swap=0.5"}),
              ElementsAre(HasSubstr("which only task tag does")));
  EXPECT_THAT(problems_of(valid_recipe(), {"train.form_types=[city]"}),
              ElementsAre(HasSubstr("form_types is only used by task tag; this is single_label")));
  EXPECT_THAT(problems_of(valid_recipe(), {"task=tag", "train.form_types=[city]"}),
              testing::Contains(HasSubstr("no phase has a span_swap")));
  EXPECT_THAT(problems_of(valid_recipe(), {"task=tag", "phases.0.span_swap=0.5", "phases.0.word_swap=0.1"}),
              testing::Not(testing::Contains(HasSubstr("swap"))));
}

TEST_F(RecipeProblems, ChecksAreOfTaggersAndTheirTypes) {
  const std::vector<std::string> tagger = {"task=tag", "data.labels=[O, B-MAIL, I-MAIL, B-CARD]", "data.none_label="};
  const auto problems = [&](const std::string& checks) { return problems_of(valid_recipe() + checks, tagger); };
  EXPECT_THAT(problems("checks: {email: MAIL, card: CARD, url: MAIL}\n"), IsEmpty());
  EXPECT_THAT(
      problems_with("checks: {email: parcel}\n"),
      ElementsAre(at("recipe.yaml:12", "checks.email is only used by task tag; this is single_label. Fix: remove")));
  EXPECT_THAT(problems("checks: {crad: CARD}\n"),
              ElementsAre(at("recipe.yaml:12", "unknown key \"checks.crad\"; the nearest is \"checks.card\"")));
  EXPECT_THAT(problems("checks: {email: MALI, card: CARD, ip: B-CARD}\n"),
              ElementsAre(at("recipe.yaml:12",
                             "checks.email is \"MALI\", which is no type of the classes (B-x and I-x "
                             "are of type x). Fix: take the nearest, \"MAIL\", or remove the key"),
                          at("recipe.yaml:12", "checks.ip is \"B-CARD\"")));
  EXPECT_THAT(problems("checks: {email: MAIL, email: CARD}\n"), ElementsAre(HasSubstr("\"email\" is given twice")));
  EXPECT_THAT(problems("checks: [email]\n"), ElementsAre(HasSubstr("checks is a list, must be a map of keys")));
}

TEST_F(RecipeProblems, TheBaselineOfTasksThatAnswerPerWordIsNoFile) {
  for (const char* task : {"task=tag", "task=edit"}) {
    EXPECT_THAT(
        problems_of(valid_recipe() + "baseline: {export: true}\n", {task}),
        testing::Contains(AllOf(at("recipe.yaml:12", "baseline.export is true"), HasSubstr("Fix: remove the key"))));
    EXPECT_THAT(problems_of(valid_recipe(), {task}), testing::Not(testing::Contains(HasSubstr("baseline"))));
  }
  EXPECT_THAT(problems_with("baseline: {export: true}\n"), IsEmpty());
}

TEST_F(RecipeProblems, BeforeTheFirstPhaseThereIsNoFloatStudent) {
  EXPECT_THAT(problems_of(valid_recipe(), {"phases.0.float_weight=0.5"}),
              testing::Contains(HasSubstr("phases.0.float_weight is set, but before the first phase")));
  EXPECT_THAT(problems_of(valid_recipe(), {"phases.1.float_weight=0.5"}),
              testing::Not(testing::Contains(HasSubstr("float_weight"))));
  EXPECT_THAT(problems_of(valid_recipe(), {"phases.1.float_weight=0.5", "phases.1.teacher_weight=0"}), IsEmpty());
}

TEST_F(RecipeProblems, PhaseKind) {
  EXPECT_THAT(problems_of(valid_recipe(), {"phases=[{epochs: 3}]"}),
              testing::Contains(HasSubstr("phases.0 has no kind")));
  EXPECT_THAT(problems_of(valid_recipe(), {"phases.1.kind=qatt"}),
              testing::Contains(HasSubstr("the nearest is \"qat\"")));
}

TEST_F(RecipeProblems, EightBitsCannotBeWidened) {
  EXPECT_THAT(problems_of(valid_recipe(), {"quantize.widen_bytes=1000"}),
              ElementsAre(HasSubstr("quantize.widen_bytes is for layers of four bits")));
  EXPECT_THAT(problems_of(valid_recipe(), {"quantize.widen_bytes=-1"}), ElementsAre(HasSubstr("quantize.widen_bytes")));
}

TEST_F(RecipeProblems, PhasesThatDoNothing) {
  EXPECT_THAT(problems_of(valid_recipe(), {"phases.0.epochs=0"}), ElementsAre(HasSubstr("phases.0.epochs is 0")));
  EXPECT_THAT(problems_of(valid_recipe(), {"phases.1.epochs=0"}), IsEmpty()) << "qat may only calibrate";
  EXPECT_THAT(problems_of(valid_recipe(), {"phases.0.teacher_weight=0"}), ElementsAre(HasSubstr("no loss is left")));
  EXPECT_THAT(problems_of(valid_recipe(), {"phases=[{kind: distil}, {kind: prune, word_width: 4096}, {kind: qat}]"}),
              ElementsAre(HasSubstr("phases.1.word_width is 4096, but word rows are only")));
  EXPECT_THAT(problems_of(valid_recipe(), {"phases=[{kind: distil}, {kind: prune}, {kind: qat}]"}),
              ElementsAre(HasSubstr("phases.1 removes nothing")));
  EXPECT_THAT(
      problems_of(
          valid_recipe(),
          {"phases=[{kind: distil}, {kind: prune, ffn_share: 0.1, epochs: 2, removal_epochs: 3}, {kind: qat}]"}),
      ElementsAre(HasSubstr("phases.1.removal_epochs 3 is more than epochs 2")));
}

TEST_F(RecipeProblems, GoldWeightWithoutGoldLabels) {
  EXPECT_THAT(problems_of(valid_recipe(), {"data.use_gold_labels=false", "phases.0.gold_weight=0.5"}),
              ElementsAre(HasSubstr("data.use_gold_labels is false")));
}

// What the file format or the tokenizer cannot hold is refused here, not after training.
TEST_F(RecipeProblems, LimitsOfTheFileBindTheRecipe) {
  const std::vector<std::pair<std::string, std::uint64_t>> limits = {
      {"tokenizer.max_word_characters", runtime::kMaxWordCharacters},
      {"tokenizer.max_tokens", spec::kMaxTokens},
      {"tokenizer.size", spec::kMaxVocabulary},
      {"export.golden_rows", format::kMaxGoldenVectors},
      {"baseline.buckets", runtime::kMaxBuckets},
      {"baseline.max_features", spec::kMaxVocabulary},
      {"student.layers", spec::kMaxLayers},
      {"student.ffn_width", spec::kMaxFfnWidth},
      {"data.top_k", spec::kMaxClasses}};
  for (const auto& [key, limit] : limits) {
    EXPECT_THAT(problems_of(valid_recipe(), {key + "=" + std::to_string(limit)}), IsEmpty()) << key;
    EXPECT_THAT(problems_of(valid_recipe(), {key + "=" + std::to_string(limit + 1)}),
                ElementsAre(HasSubstr("to " + std::to_string(limit))))
        << key;
  }
}

TEST_F(RecipeProblems, LabelsThatAFileCannotHold) {
  for (const std::string& label : {std::string("\"a\\x07z\""), std::string("\"a\\u202Ez\""), std::string(1025, 'x')}) {
    std::string text = valid_recipe();
    text.replace(text.find("refund"), 6, label);
    EXPECT_THAT(problems_of(text), ElementsAre(at("recipe.yaml:3", "class 0"))) << label;
  }
}

TEST_F(RecipeProblems, KeysOfAPretrainedStartNeedOne) {
  EXPECT_THAT(problems_with("tokenizer: {trim: true}\n"),
              ElementsAre(at("recipe.yaml:12", "needs no trimming. Fix: remove the key")));
  EXPECT_THAT(problems_with("tokenizer: {trim: true, vocabulary_file: v.txt}\n"), IsEmpty());
  EXPECT_THAT(problems_with("tokenizer: {fill: true, vocabulary_file: v.txt}\n"),
              ElementsAre(at("recipe.yaml:12", "nothing is trimmed. Fix: set tokenizer.trim, or remove the key")));
  EXPECT_THAT(problems_with("init: {keep_layers: [0, 1]}\n"),
              ElementsAre(at("recipe.yaml:12", "there is no init.folder to take layers from")));
  EXPECT_THAT(problems_with("init: {folder: f, keep_layers: 2}\n"),
              ElementsAre(at("recipe.yaml:12", "a list of numbers, as in [0, 2, 5]")));
  EXPECT_THAT(problems_with("init: {folder: f, keep_layers: [0, -1]}\n"),
              ElementsAre(at("recipe.yaml:12", "init.keep_layers.1 is \"-1\"")));
  EXPECT_THAT(problems_with("init: {folder: f, keep_layers: [128]}\n"),
              ElementsAre(at("recipe.yaml:12", "from 0 to 127")));
}

TEST_F(RecipeProblems, ATrainedStartAllowsWhatARandomOneDoesNot) {
  EXPECT_THAT(problems_with("init: {from: runs/a, folder: f}\n"),
              ElementsAre(at("recipe.yaml:12", "init.folder and init.from are both set")));
  EXPECT_THAT(problems_with("init: {from: runs/a, keep_layers: [0]}\n"),
              ElementsAre(at("recipe.yaml:12", "there is no init.folder to take layers from")));
  for (const char* phases :
       {"phases=[{kind: qat, epochs: 1}]", "phases=[{kind: prune, ffn_share: 0.5}, {kind: qat}]"}) {
    EXPECT_THAT(problems_of(valid_recipe(), {phases}),
                ElementsAre(HasSubstr("random weights. Fix: start with a distil phase, or name a trained student in "
                                      "init.from")));
    EXPECT_THAT(problems_of(valid_recipe(), {phases, "init.from=runs/a"}), IsEmpty());
  }
  EXPECT_THAT(problems_with("init: {from: runs/a}\ntokenizer: {trim: true}\nstudent: {heads: 12}\n"), IsEmpty());
}

}  // namespace
}  // namespace noggin::train
