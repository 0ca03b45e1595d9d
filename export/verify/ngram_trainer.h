// The trainer's side when an n-gram model is verified: its own forward over the tensors of the file (there is no
// checkpoint), and the same computation in double precision.
#pragma once

#include <cstddef>

#include "export/verify/oracle.h"
#include "format/reader.h"
#include "train/baseline/quantized_ngram.h"
#include "train/task/model_inputs.h"

namespace noggin::exporter {

train::QuantizedNgram ngram_trainer(const format::ModelView& view);

// The first `sequences` of `inputs` in double precision without quantized values. Tolerance: a value may differ by 1.01
// steps (half for rounding, one where 32768 is clipped to 32767) times its weight; the float steps by their rounding.
OracleResult check_ngrams_against_oracle(const format::ModelView& view, const train::QuantizedNgram& trainer,
                                         const train::ModelInputs& inputs, std::size_t sequences);

}  // namespace noggin::exporter
