// Marks a function that also runs on a GPU. nvcc compiles it for host and device; for other compilers it is empty.
#pragma once

#if defined(__CUDACC__)
#define NOGGIN_DEVICE __host__ __device__
#else
#define NOGGIN_DEVICE
#endif
