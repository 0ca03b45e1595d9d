// The teacher's answers as losses. Every loss is a pure function of tensors in LibTorch's autograd and returns the
// mean over the rows that have the target, or an exact 0 (still differentiable) if none has.
//
// A batch that is divided among processes: each passes as `total`, a scalar, the number of rows of the whole batch that
// have the target. A loss is then this process's share of the whole batch's mean, so that losses and gradients of all
// processes are to be added, not averaged, and every row has the same weight wherever it is. Undefined: the rows given
// are the whole batch.
#pragma once

#include "distill/binary_losses.h"
#include "distill/representation_losses.h"
#include "distill/softmax_losses.h"
#include "distill/temperature_schedule.h"
