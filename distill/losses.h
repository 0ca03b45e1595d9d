// The teacher's answers as losses. Every loss is a pure function of tensors in LibTorch's autograd and returns the
// mean over the rows that have the target, or an exact 0 (still differentiable) if none has.
#pragma once

#include "distill/binary_losses.h"
#include "distill/representation_losses.h"
#include "distill/softmax_losses.h"
#include "distill/temperature_schedule.h"
