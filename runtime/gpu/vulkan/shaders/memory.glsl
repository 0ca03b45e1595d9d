// The two blocks of memory that every kernel works on, as the types that it reads them as. A place is counted in
// elements from the start of a block: bytes of int8, words of everything else. One kernel never writes a place through
// one type and reads it through another.
#extension GL_EXT_shader_8bit_storage : require
#extension GL_EXT_control_flow_attributes : require  // [[unroll]]: arrays whose indices are then known are registers

layout(set = 0, binding = 0, std430) readonly buffer ModelBytes { int8_t model_bytes[]; };
layout(set = 0, binding = 0, std430) readonly buffer ModelWords { uint model_words[]; };
layout(set = 0, binding = 1, std430) buffer BatchBytes { int8_t batch_bytes[]; };
layout(set = 0, binding = 1, std430) buffer BatchWords { uint batch_words[]; };

const uint kNothing = 0xFFFFFFFFu;  // the place of an array that is not there

float model_float(uint place) { return uintBitsToFloat(model_words[place]); }
float batch_float(uint place) { return uintBitsToFloat(batch_words[place]); }
void store_float(uint place, float value) { batch_words[place] = floatBitsToUint(value); }

layout(local_size_x_id = 0) in;
uint thread_index() { return gl_LocalInvocationID.x; }
// Blocks are laid out in two dimensions, because a device need not take more than 65,535 in one.
uint block_index() { return gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x; }
uint divide_up(uint value, uint by) { return (value + by - 1u) / by; }
