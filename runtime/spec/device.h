// Marks a function that also runs on a GPU. nvcc compiles it for both sides; any other compiler sees nothing.
#pragma once

#if defined(__CUDACC__)
#define NOGGIN_DEVICE __host__ __device__
#else
#define NOGGIN_DEVICE
#endif
