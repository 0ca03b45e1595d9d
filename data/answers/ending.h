// How an answer ended, by what its server says: whole, cut, filtered, refused.
#pragma once

#include "data/answers/logged_answer.h"
#include "data/rows/rejection.h"

namespace noggin::data {

// kAnswerFiltered or kTeacherRefused, where the log itself says so.
Trouble trouble_of_ending(const LoggedAnswer& answer);
// A limit of tokens ended it.
bool is_cut(const LoggedAnswer& answer);

}  // namespace noggin::data
