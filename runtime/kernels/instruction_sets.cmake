# One translation unit per instruction set, compiled with that set's flags and nothing else. Those files may hold only
# intrinsics and static functions: an inline function compiled with AVX-512 could be chosen for the whole program.
