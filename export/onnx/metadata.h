// What an application needs in addition to the graph, as metadata properties. Values are text; lists and objects are
// JSON.
//   noggin.labels, noggin.none_class, noggin.decision
//                            how logits become answers (export/onnx_metadata/decision_metadata.h)
//   noggin.vocabulary        ["[PAD]", ...], id = index; continuation pieces start with "##"
//   noggin.tokenizer         {"type": "wordpiece", "lowercase", "strip_accents", "unknown_id", "cls_id", "sep_id",
//                            "pad_id", "max_word_characters", "max_tokens"}
//   noggin.numerics_version  the version of the arithmetic that the graph follows
//   noggin.inexact_channels  output channels whose scale the graph reproduces only approximately (weight_scale.h)
//   noggin.provenance        the model's own record: hashes, versions, metrics
// The Unicode tables of the .nog file are left out: other tokenizers have their own.
#pragma once

#include <onnx/onnx_pb.h>

#include <cstddef>

#include "format/frozen_model.h"

namespace noggin::exporter {

void add_metadata(const format::FrozenModel& model, std::size_t inexact_channels, onnx::ModelProto& proto);

}  // namespace noggin::exporter
