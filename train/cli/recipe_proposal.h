// A recipe for logs that nobody has described: `noggin init --from`.
#pragma once

#include <string>
#include <vector>

#include "data/guess/log_guess.h"
#include "data/ingest/shown_rows.h"
#include "train/recipe/recipe.h"

namespace noggin::tool {

struct LogsToRead {
  std::vector<std::string> files;
  std::string task{};       // what the rows are for; "": as it seems
  std::string question{};   // of typed decisions, the one to learn; "": the first that is proposed
  bool pretrained = false;  // the weights will start from an encoder's, and
  bool fitted = false;      // the shape will be fitted to a budget (shape_budget.h)
};

struct RecipeProposal {
  train::Recipe recipe;
  std::vector<std::string> comments;  // what was seen and why the recipe says what it says, one line each
  std::vector<data::ShownRow> rows;   // a few of each file, as understood
};

// Files whose names say dev (val, valid, validation) or test are held out; without them a share of the texts is.
// Rejected rows that are no accident (failed requests, refusals) are permitted by name where most rows of a file are
// sound. Paths of the recipe are relative to `folder`. Throws train::Failure: kBadData if a file has no row that can be
// used, or mostly such, or there are too few texts to hold some out; kUsage for a task or question that there is not.
RecipeProposal propose_recipe(const LogsToRead& logs, const std::string& folder);

// The rows that can be read from logs, as a guess understands them; `counts` says what became of the others.
std::vector<data::ShownRow> rows_of_logs(const LogsToRead& logs, std::uint64_t max_rows, data::SplitReport& counts);

}  // namespace noggin::tool
