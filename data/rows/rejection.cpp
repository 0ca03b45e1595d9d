#include "data/rows/rejection.h"

namespace noggin::data {
namespace {

struct ReasonText {
  std::string_view code, text, fix;
};

// No default: the compiler names a Reason that has no text.
ReasonText text_of(Reason reason) {
  switch (reason) {
    case Reason::kCutLastLine:
      return {"cut_last_line", "the last line is cut (its writer was stopped)", "nothing, or write the log again"};
    case Reason::kCutCompressedFile:
      return {"cut_compressed_file", "the compressed file ends early; rows after this line are lost",
              "write or copy the file again"};
    case Reason::kCutFile:
      return {"cut_file", "the file ends early; rows after this line are lost", "write or copy the file again"};
    case Reason::kLineTooLong:
      return {"line_too_long", "the line is longer than 64 MiB",
              "write one JSON object per line; of a document that lists its rows: jq -c '.data[]' FILE"};
    case Reason::kInvalidUtf8:
      return {"invalid_utf8", "the line is not valid UTF-8", "convert the log to UTF-8"};
    case Reason::kNulByte:
      return {"nul_byte", "the line or its text holds a NUL byte", "remove it where the log is made"};
    case Reason::kBadJson:
      return {"bad_json", "the line is not valid JSON", "write one JSON object per line"};
    case Reason::kTooDeep:
      return {"too_deep", "the JSON is nested deeper than 64 levels", "check that the line is a log row"};
    case Reason::kNotAnObject:
      return {"not_an_object", "the line is not a JSON object", "write one JSON object per line"};
    case Reason::kMissingField:
      return {"missing_field", "a field is missing", "add it, or check the adapter of this source"};
    case Reason::kWrongType:
      return {"wrong_type", "a field has the wrong type", "see data/README.md for the fields"};
    case Reason::kRepeatedField:
      return {"repeated_field", "a field appears twice", "write it once"};
    case Reason::kEmptyText:
      return {"empty_text", "the text is empty", "leave such rows out of the log"};
    case Reason::kDuplicateId:
      return {"duplicate_id", "an earlier row of this file has the same id and another text",
              "give each row its own id, or none"};
    case Reason::kUnknownLabel:
      return {"unknown_label", "the label is not a class", "add it to data.labels, or as a word in data.label_words"};
    case Reason::kNoTarget:
      return {"no_target", "the row has neither a teacher distribution nor a gold label to learn or measure from",
              "add one, or check data.use_gold_labels"};
    case Reason::kScoreOutOfRange:
      return {
          "score_out_of_range", "a score is not in [0, 1]",
          "scale it where the log is made: (score - lowest) / (highest - lowest), so 1..5 stars are (stars - 1) / 4"};
    case Reason::kSeveralGolds:
      return {"several_golds", "the row gives gold twice (tags, spans or a target)", "keep one of them"};
    case Reason::kNotADeletion:
      return {"not_a_deletion", "no deletion of words turns the text into its target",
              "nothing: such rows cannot be learnt by deleting, and do not count against the quarantine budget"};
    case Reason::kColumnCount:
      return {"column_count", "the record does not have one value for each column of the table",
              "put values that hold the separator in quotes, or correct the source's columns"};
    case Reason::kUnknownTag:
      return {"unknown_tag", "a tag or span type is not a class", "add B-type and I-type to data.labels"};
    case Reason::kTokenCount:
      return {"token_count", "offsets, tags or the distributions do not have one entry per token",
              "write one per token (null where the teacher has no answer)"};
    case Reason::kBadOffset:
      return {"bad_offset", "an offset is outside the text, empty, backwards or overlaps another",
              "name what start and end count (unit: byte, code_point or utf16; default code_point), ascending and "
              "disjoint"};
    case Reason::kTokenMismatch:
      return {
          "token_mismatch", "a token is not the text between its offsets",
          "name what offsets count (unit: byte, code_point or utf16; default code_point), or leave the tokens out if "
          "they are rewritten text"};
    case Reason::kTokenNotFound:
      return {"token_not_found", "a token does not follow in the text where the token before it ends",
              "log the tokens as they are written in the text, or their offsets"};
    case Reason::kSpanMismatch:
      return {
          "span_mismatch", "a span's own text is not what lies between its offsets",
          "name what start and end count (unit: byte, code_point or utf16; end is behind the last character), or log "
          "the text that the offsets belong to"};
    case Reason::kSpanNotFound:
      return {"span_not_found",
              "a span has no offsets, and its text is not in the row's text, or not as often as spans name it",
              "log start and end of each span, or name each place where its text stands, in order"};
    case Reason::kNotAnnotated:
      return {"not_annotated", "the annotator rejected or skipped the row, or has not labelled it",
              "nothing: such rows have no gold, and do not count against the quarantine budget"};
    case Reason::kSeveralDistributions:
      return {"several_distributions", "the row has more than one of logprobs, probs and logits", "keep one of them"};
    case Reason::kWrongLength:
      return {"wrong_length", "an array does not have one value per class",
              "write one per class in class order, or a map"};
    case Reason::kNotFinite:
      return {"not_finite", "a value is NaN or infinite", "leave classes without mass out of the map"};
    case Reason::kNegativeProbability:
      return {"negative_probability", "a probability is negative", "if these are logits, name the field logits"};
    case Reason::kPositiveLogprob:
      return {"positive_logprob", "a log-probability is above 0", "if these are logits, name the field logits"};
    case Reason::kSumAboveOne:
      return {"sum_above_one", "the listed probabilities sum to more than 1.001",
              "log one distribution over exclusive classes (or name the field logits)"};
    case Reason::kProbabilityAboveOne:
      return {"probability_above_one", "a probability is above 1", "if these are logits, name the field logits"};
    case Reason::kNoMass:
      return {"no_mass", "no listed class has any probability",
              "log the teacher's probabilities before rounding to zero"};
    case Reason::kNoLabelWord:
      return {"no_label_word", "nothing the teacher listed is a word of a class",
              "add the words it uses to data.label_words, or make the prompt ask for the class word first"};
    case Reason::kNoClassInAnswer:
      return {"no_class_in_answer", "the answer's text names no class",
              "add the words it uses to data.label_words, or make the prompt ask for the class alone"};
    case Reason::kSeveralClassesInAnswer:
      return {"several_classes_in_answer",
              "the answer's text names several classes and does not say which one it means",
              "make the prompt ask for one class alone; if two of the words are one class, say so in data.label_words"};
    case Reason::kNegatedClass:
      return {"negated_class", "the answer only says which class it is not",
              "make the prompt ask for the class that it is; if the negation is a class, add it to data.label_words"};
    case Reason::kTeacherRefused:
      return {"teacher_refused", "the teacher refused to answer", "leave such requests out, or ask in other words"};
    case Reason::kAnswerCut:
      return {"answer_cut", "the answer was cut before a class was complete",
              "ask again with a larger limit of output tokens"};
    case Reason::kAnswerFiltered:
      return {"answer_filtered", "a content filter removed the answer", "leave such requests out"};
    case Reason::kTokensDoNotSpellAnswer:
      return {"tokens_do_not_spell_answer", "the logged tokens do not spell the class that the answer's text names",
              "log tokens and text of one answer; tokens that are numbers need data.label_words; or set "
              "data.on_missing_logprobs: hard_label to take the text's class as a label"};
    case Reason::kProbabilitiesAsLogprobs:
      return {"probabilities_as_logprobs", "values called log-probabilities are above 0: they look like probabilities",
              "write their natural logarithms where the log is made"};
    case Reason::kLowClassMass:
      return {"low_class_mass", "the teacher gave nearly all of its probability to words of no class",
              "add the words it uses to data.label_words, or lower data.min_class_mass"};
    case Reason::kTeacherError:
      return {"teacher_error", "the request failed and no other row answers it", "send the request again"};
    case Reason::kNoChoice:
      return {"no_choice", "the answer has no choice", "send the request again"};
    case Reason::kMissingLogprobs:
      return {"missing_logprobs", "choices[0].logprobs is null (the teacher was called without logprobs)",
              "call it again with logprobs=true, or set data.on_missing_logprobs: hard_label"};
    case Reason::kNotText:
      return {"not_text", "the last user message holds something that is not text", "leave such requests out"};
    case Reason::kUnknownCustomId:
      return {"unknown_custom_id", "no readable row of the request file has this custom_id",
              "give the right request file"};
    case Reason::kDuplicateCustomId:
      return {"duplicate_custom_id", "an earlier request has the same custom_id",
              "give each request its own custom_id"};
    case Reason::kNoAnswer:
      return {"no_answer", "the request was never answered", "send it again, or leave it out"};
    case Reason::kAmbiguousId:
      return {"ambiguous_id",
              "several requests with other texts have this answer's id: nothing says which it belongs to",
              "give each request its own id"};
    case Reason::kNoText:
      return {"no_text", "an answer without what was asked, and no request in this split has its id",
              "name the file that holds the requests as well, or log both in one row"};
    case Reason::kUnknownAnswerShape:
      return {"unknown_answer_shape", "the row's response has no answer where known logs have one",
              "name its place in the source: fields: {text: path, answer: path}, as choices[0].message.content"};
    case Reason::kGenerativeLog:
      return {"generative_log", "the row holds a teacher's tokens for a student that generates text",
              "log the answers' texts, or their first tokens with logprobs, beside the texts"};
    case Reason::kOtherTask:
      return {"other_task", "the answer is not of the kind that the task learns from",
              "ask the teacher for it (score: a number from 0 to 1; edit: the text without the words that go), or set "
              "another task: single_label takes a class in words"};
    case Reason::kNotADecision:
      return {"not_a_decision", "the row has no request and answer of typed questions",
              "log both bodies whole: state or input, questions, answers"};
    case Reason::kNoQuestion:
      return {"no_question", "the row answers typed questions, and the recipe does not say which one to learn",
              "name one: data.question: NAME"};
    case Reason::kMediaInput:
      return {"media_input", "the input holds an image, a sound or a file", "leave such rows out: only text is read"};
    case Reason::kLoneSurrogate:
      return {"lone_surrogate", "the input holds half of a surrogate pair", "cut texts between characters"};
    case Reason::kRedactedText:
      return {"redacted_text", "a gateway took the text out and left a mark", "log the texts, or leave such rows out"};
    case Reason::kQuestionType:
      return {"question_type", "the question is no choice, yes/no or score of two or more answers",
              "train another question of the log (data.question)"};
    case Reason::kQuestionChanged:
      return {"question_changed", "the question has other options, or another number of levels, than in earlier rows",
              "give each version of a question a name of its own, or one log"};
    case Reason::kQuestionAbsent:
      return {"question_absent", "the row does not ask the question", "correct data.question, or leave such rows out"};
    case Reason::kOtherTemplate:
      return {"other_template", "the prompt does not begin and end as the source's template says",
              "correct template in the source, or leave such rows out"};
    case Reason::kQuestionTask:
      return {"question_task", "the task cannot learn a question of this type",
              "task: single_label for a choice or a score; score or single_label for yes/no"};
    case Reason::kQuestionRefused:
      return {"question_refused", "the teacher refused the question", "nothing; the row serves other questions"};
    case Reason::kQuestionUnanswered:
      return {"question_unanswered", "there is no answer to the question", "send the request again"};
    case Reason::kInputBlocked:
      return {"input_blocked", "the teacher's filter blocked the input", "nothing, or send it to another teacher"};
    case Reason::kInputTruncated:
      return {"input_truncated", "the teacher saw a part of the input only", "send a shorter input"};
    case Reason::kOtherTeacher:
      return {"other_teacher", "another model answered than the recipe wants", "correct data.teacher_models"};
    case Reason::kAnswerType:
      return {"answer_type", "the answer is of another type than the question", "send the request again"};
    case Reason::kUnknownOption:
      return {"unknown_option", "the answer names an option that the question does not have",
              "log the answer beside the request that it answers"};
    case Reason::kProbabilityOutOfRange:
      return {"probability_out_of_range", "a probability is not a number from 0 to 1", "correct the log's writer"};
    case Reason::kSumNotOne:
      return {"sum_not_one", "the probabilities of all options do not sum to 1, by more than rounding explains",
              "log an answer with every option; a gateway may have filled in zeros"};
    case Reason::kNoProbabilities:
      return {"no_probabilities", "the answer has no probabilities",
              "log them, or take a choice as a label: data.on_missing_logprobs: hard_label"};
  }
  return {"unknown", "", ""};
}

}  // namespace

std::string_view reason_code(Reason reason) { return text_of(reason).code; }
std::string_view reason_text(Reason reason) { return text_of(reason).text; }
std::string_view reason_fix(Reason reason) { return text_of(reason).fix; }

}  // namespace noggin::data
