// What the weights of a phase find in the rows.
#include "train/recipe/phase_targets.h"

#include <gmock/gmock.h>

namespace noggin::train {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

Recipe recipe_of(std::vector<Phase> phases, spec::TaskKind task = spec::TaskKind::kSingleLabel) {
  Recipe recipe;
  recipe.task = task;
  recipe.phases = std::move(phases);
  return recipe;
}

Phase phase(double teacher_weight, double gold_weight, PhaseKind kind = PhaseKind::kDistil) {
  Phase phase;
  phase.kind = kind;
  phase.teacher_weight = teacher_weight;
  phase.gold_weight = gold_weight;
  return phase;
}

TEST(PhaseTargets, GoldAloneWithDefaultWeightsIsRefused) {
  for (const spec::TaskTraits& task : spec::all_tasks()) {
    const PhaseFindings found =
        check_phase_targets(recipe_of({phase(1, 0)}, task.kind), {.all = 90, .gold = 90, .teacher = 0, .both = 0});
    EXPECT_THAT(
        found.problems,
        ElementsAre(AllOf(HasSubstr("phases.0 (distil)"), HasSubstr("teacher_weight is 1, and 0 of 90 training"),
                          HasSubstr("gold_weight is 0, and 90 of 90"), HasSubstr("set gold_weight above 0"))))
        << task.name;
  }
}

TEST(PhaseTargets, EveryPhaseIsJudgedByItself) {
  const Recipe recipe = recipe_of({phase(0, 1), phase(1, 0, PhaseKind::kPrune), phase(1, 0, PhaseKind::kQat)});
  EXPECT_THAT(check_phase_targets(recipe, {.all = 10, .gold = 10}).problems,
              ElementsAre(HasSubstr("phases.1 (prune)"), HasSubstr("phases.2 (qat)")));
}

TEST(PhaseTargets, TheFloatStudentTeachesRowsThatHaveATarget) {
  Recipe recipe = recipe_of({phase(0, 1), phase(0, 0, PhaseKind::kQat)});
  recipe.phases[1].float_weight = 1.0;
  EXPECT_THAT(check_phase_targets(recipe, {.all = 10, .gold = 10}).problems, IsEmpty());
  recipe.phases[1].float_weight = 0.0;
  EXPECT_THAT(check_phase_targets(recipe, {.all = 10, .gold = 10}).problems, ElementsAre(HasSubstr("phases.1 (qat)")));
}

TEST(PhaseTargets, APhaseWithoutStepsNeedsNothing) {
  Recipe recipe = recipe_of({phase(0, 1), phase(1, 0, PhaseKind::kQat)});
  recipe.phases[1].epochs = 0;
  const PhaseFindings found = check_phase_targets(recipe, {.all = 10, .gold = 10});
  EXPECT_THAT(found.problems, IsEmpty());
  EXPECT_THAT(found.warnings, IsEmpty());
}

TEST(PhaseTargets, TeacherAloneIsWhatTheDefaultIsFor) {
  const PhaseFindings found = check_phase_targets(recipe_of({phase(1, 0)}), {.all = 10, .teacher = 10});
  EXPECT_THAT(found.problems, IsEmpty());
  EXPECT_THAT(found.warnings, IsEmpty());
  EXPECT_THAT(check_phase_targets(recipe_of({phase(0, 1)}), {.all = 10, .teacher = 10}).problems,
              ElementsAre(HasSubstr("set teacher_weight above 0")));
}

TEST(PhaseTargets, OneOfTwoWeightsWithoutRowsIsNamedWithTheShareOfTheOther) {
  const PhaseFindings gold = check_phase_targets(recipe_of({phase(0.5, 0.5)}), {.all = 90, .gold = 90});
  EXPECT_THAT(gold.problems, IsEmpty());
  EXPECT_THAT(gold.warnings,
              ElementsAre(AllOf(HasSubstr("phases.0 (distil): teacher_weight is 0.5, but 0 of 90"),
                                HasSubstr("gold_weight 0.5 learns from 90 of 90 training texts (100.0 %)"))));
  const PhaseFindings teacher = check_phase_targets(recipe_of({phase(0.5, 0.5)}), {.all = 90, .teacher = 45});
  EXPECT_THAT(teacher.warnings,
              ElementsAre(AllOf(HasSubstr("gold_weight is 0.5, but 0 of 90"),
                                HasSubstr("teacher_weight 0.5 learns from 45 of 90 training texts (50.0 %)")),
                          HasSubstr("45 of 90 training texts (50.0 %) give no loss")));
}

TEST(PhaseTargets, RowsThatGiveNoLossAreCounted) {
  const data::TargetCounts mixed{.all = 100, .gold = 60, .teacher = 50, .both = 10};
  EXPECT_THAT(check_phase_targets(recipe_of({phase(1, 0)}), mixed).warnings,
              ElementsAre(AllOf(HasSubstr("50 of 100 training texts (50.0 %) give no loss"),
                                HasSubstr("50 of 100 training texts (50.0 %) have gold alone"))));
  EXPECT_THAT(check_phase_targets(recipe_of({phase(0, 1)}), mixed).warnings,
              ElementsAre(HasSubstr("40 of 100 training texts (40.0 %) give no loss")));
  EXPECT_THAT(check_phase_targets(recipe_of({phase(1, 1)}), mixed).warnings, IsEmpty())
      << "each row has one of the two";
}

TEST(PhaseTargets, PerTokenTasksCountWords) {
  const PhaseFindings found = check_phase_targets(recipe_of({phase(1, 0)}, spec::TaskKind::kTag),
                                                  {.all = 200, .gold = 200, .teacher = 100, .both = 100});
  EXPECT_THAT(found.warnings, ElementsAre(HasSubstr("100 of 200 training words (50.0 %) give no loss")));
}

TEST(PhaseTargets, ALiveTeacherTrainsTheEncoderAlone) {
  Phase imitating = phase(1, 0);
  imitating.relation_weight = 1;
  const data::TargetCounts gold{.all = 10, .gold = 10};
  EXPECT_THAT(check_phase_targets(recipe_of({imitating, phase(0, 1)}), gold).problems, IsEmpty());
  EXPECT_THAT(check_phase_targets(recipe_of({imitating, phase(0, 1)}), gold).warnings,
              ElementsAre(HasSubstr("only the live teacher is imitated")));
  EXPECT_THAT(check_phase_targets(recipe_of({imitating}), gold).problems,
              ElementsAre(HasSubstr("no phase trains the classifier")));
}

TEST(PhaseTargets, AClassifierOfTheStartNeedsNoPhase) {
  Phase calibration = phase(1, 0, PhaseKind::kQat);
  calibration.epochs = 0;
  Recipe recipe = recipe_of({calibration});
  const data::TargetCounts gold{.all = 10, .gold = 10};
  EXPECT_THAT(check_phase_targets(recipe, gold).problems, ElementsAre(HasSubstr("no phase trains the classifier")));
  recipe.init.from_classifier = true;
  EXPECT_THAT(check_phase_targets(recipe, gold).problems, IsEmpty());
}

}  // namespace
}  // namespace noggin::train
