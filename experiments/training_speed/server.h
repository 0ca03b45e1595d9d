// training_speed prepare FOLDER [CLINC_FOLDER]   makes the loads
// training_speed serve FOLDER                    answers lines `MODEL LOAD ROWS MODE STEPS` with the CPU seconds of
// each step
#pragma once

namespace noggin::experiments {

int training_speed(int count, char** arguments);  // the program; its exit code

}  // namespace noggin::experiments
