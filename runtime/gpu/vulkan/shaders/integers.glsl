// Exact integer parts: products of int8, and the conversions between a word and the int8 or int4 in it. The same as
// gpu/intrinsics.h.

#ifdef NOGGIN_PACKED_DOT
#extension GL_EXT_spirv_intrinsics : require
// SPV_KHR_integer_dot_product: OpSDot of two words that hold four int8 each (packed vector format 0).
spirv_instruction(extensions = ["SPV_KHR_integer_dot_product"], capabilities = [6019, 6018], id = 4450)
int packed_dot(int a, int b, spirv_literal int vector_format);
int dot4(int a, int b, int sum) { return sum + packed_dot(a, b, 0); }
#else
int dot4(int a, int b, int sum) {
  sum += bitfieldExtract(a, 0, 8) * bitfieldExtract(b, 0, 8);
  sum += bitfieldExtract(a, 8, 8) * bitfieldExtract(b, 8, 8);
  sum += bitfieldExtract(a, 16, 8) * bitfieldExtract(b, 16, 8);
  return sum + bitfieldExtract(a, 24, 8) * bitfieldExtract(b, 24, 8);
}
#endif

// Four of the eight int4 of a word, as int8: the low bits of its bytes, or the high ones.
uint unpack_int4(uint word, bool high) {
  const uint bits = (high ? word >> 4 : word) & 0x0F0F0F0Fu;
  return bits | ((bits & 0x08080808u) * 0x1Eu);  // the sign, four times more
}
