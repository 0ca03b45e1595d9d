// The five questions of `noggin assess`, one function each: figures for the page, and what the rules need of them
// (train/assess/recommendation.h) added to the evidence. To be asked in this order.
#pragma once

#include <vector>

#include "train/assess/page.h"
#include "train/assess/recommendation.h"
#include "train/cli/assess/options.h"
#include "train/cli/assess/shapes.h"
#include "train/cli/assess/small_students.h"
#include "train/cli/assess/subject.h"

namespace noggin::tool {

struct Assessment {
  const AssessedJob& subject;
  const AssessOptions& options;
  const SmallStudents &linear, &statics;
  const std::vector<ShapeFile>& shapes;
};

assess::Question how_bounded(const Assessment& given, assess::Evidence& evidence);
assess::Question how_much_latency(const Assessment& given, assess::Evidence& evidence);
assess::Question how_sensitive(const Assessment& given, assess::Evidence& evidence);
assess::Question what_it_costs(const Assessment& given, assess::Evidence& evidence);
assess::Question what_to_own(const Assessment& given);

}  // namespace noggin::tool
