// How the texts of a pretrained encoder were pooled into one vector when it was trained. Private to data/.
#pragma once

#include <string>

#include "data/pretrained/pretrained_folder.h"
#include "noggin/result.h"

namespace noggin::data {

// From the pooling module of sentence-transformers (1_Pooling/config.json, or the place that modules.json names), else
// from "noggin_pooling" of config.json, which an export of ours has. Errors: those of JsonFile.
Result<PretrainedPooling> read_pooling(const std::string& folder, const std::string& noggin_pooling);

}  // namespace noggin::data
