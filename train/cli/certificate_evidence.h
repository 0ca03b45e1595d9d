// Finds anew what a certificate states: from the model, and from the rows, checkpoint and run that the options of
// `noggin certify` name.
#pragma once

#include <string>
#include <vector>

#include "export/report/certificate_proof.h"
#include "train/cli/arguments.h"
#include "train/cli/console.h"

namespace noggin::tool {

struct ReadCertificate {
  std::string text;
  Json json;  // an object
};

// Throws Failure: for a model, rows or run that cannot be read, or rows that are not of this model's task (kBadData).
std::vector<exporter::ProofLine> prove(const Arguments& arguments, Console& console, const std::string& nog,
                                       const ReadCertificate& certificate);

}  // namespace noggin::tool
