// Elementary functions of our own, so that no two machines disagree. Built only from +, -, *, /, sqrt (each correctly
// rounded), integer shifts and compares; never a fused multiply-add. Worst errors are in NUMERICS.md.
#pragma once

namespace noggin::spec {

float exp(float x);
float erf(float x);
// 0.5 * x * (1 + erf(x / sqrt(2)))
float gelu(float x);
// fl(fl(query_scale * key_scale) / sqrt(float(head_width)))
float attention_score_scale(float query_scale, float key_scale, unsigned head_width);

}  // namespace noggin::spec
