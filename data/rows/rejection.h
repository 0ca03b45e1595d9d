// Why a line of a log was rejected: a stable code for counting, text for people, and what to do about it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace noggin::data {

enum class Reason {
  // the line
  kCutLastLine,
  kCutCompressedFile,
  kCutFile,
  kLineTooLong,
  kInvalidUtf8,
  kNulByte,
  kBadJson,
  kTooDeep,
  kNotAnObject,
  // its fields
  kMissingField,
  kWrongType,
  kRepeatedField,
  kEmptyText,
  kDuplicateId,
  kUnknownLabel,
  kNoTarget,
  kScoreOutOfRange,
  kSeveralGolds,
  kNotADeletion,
  kColumnCount,
  // tokens and spans
  kUnknownTag,
  kTokenCount,
  kBadOffset,
  kTokenMismatch,
  kTokenNotFound,
  kSpanMismatch,
  kSpanNotFound,
  kNotAnnotated,
  // what the teacher said
  kSeveralDistributions,
  kWrongLength,
  kNotFinite,
  kNegativeProbability,
  kPositiveLogprob,
  kSumAboveOne,
  kProbabilityAboveOne,
  kNoMass,
  kNoLabelWord,
  // the teacher's answer as a text
  kNoClassInAnswer,
  kSeveralClassesInAnswer,
  kNegatedClass,
  kTeacherRefused,
  kAnswerCut,
  kAnswerFiltered,
  kTokensDoNotSpellAnswer,
  kProbabilitiesAsLogprobs,
  kLowClassMass,
  // batch logs
  kTeacherError,
  kNoChoice,
  kMissingLogprobs,
  kNotText,
  kUnknownCustomId,
  kDuplicateCustomId,
  kNoAnswer,
  kAmbiguousId,
  kNoText,
  kUnknownAnswerShape,
  kGenerativeLog,
  kOtherTask,
  kOtherTemplate,
  // decisions
  kNotADecision,
  kNoQuestion,
  kMediaInput,
  kLoneSurrogate,
  kRedactedText,
  kQuestionType,
  kQuestionChanged,
  kQuestionAbsent,
  kQuestionTask,
  kQuestionRefused,
  kQuestionUnanswered,
  kInputBlocked,
  kInputTruncated,
  kOtherTeacher,
  kAnswerType,
  kUnknownOption,
  kProbabilityOutOfRange,
  kSumNotOne,
  kNoProbabilities,
};

struct Rejection {
  Reason reason;
  std::string detail;  // names the place inside the line and the offending value
};

// A value, or why there is none. Unlike in Result, the alternative is an expected event that is counted, not a failure.
template <typename T>
using Checked = std::variant<T, Rejection>;
// Nothing when there is no problem.
using Trouble = std::optional<Rejection>;

// Stable snake_case, e.g. "cut_last_line": the key of reports and of the quarantine file.
std::string_view reason_code(Reason reason);
// What it means, without the detail.
std::string_view reason_text(Reason reason);
// What the user can do.
std::string_view reason_fix(Reason reason);

}  // namespace noggin::data
