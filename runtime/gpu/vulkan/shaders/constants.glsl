// See constants.def. The zeros are never used: the program sets every constant.
#define NOGGIN_FLOAT(id, name, value) layout(constant_id = id) const float name = 0.0;
#define NOGGIN_UINT(id, name, value) layout(constant_id = id) const uint name = 1u;
#include "constants.def"
