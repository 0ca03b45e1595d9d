#include "experiments/training_speed/server.h"

int main(int count, char** arguments) { return noggin::experiments::training_speed(count, arguments); }
