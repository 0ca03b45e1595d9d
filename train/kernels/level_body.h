// The kernels of one level, inside its namespace, which defines kFloats, the floats of a register, and kTileRows and
// kTileRegisters: so many sums of a product of attention stay in registers. No include guard: once per file of a level.
// clang-format off: each needs the one before it
#include "train/kernels/row_kernels_body.h"
#include "train/kernels/fake_quantize_kernels_body.h"
#include "train/kernels/attention_kernels_body.h"
// clang-format on
