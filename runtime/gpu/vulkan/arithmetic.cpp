#include "gpu/vulkan/arithmetic.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <iterator>

#include "bytes/hex.h"
#include "bytes/message.h"
#include "kernels/float_environment.h"
#include "spec/exponential.h"

namespace noggin::gpu {
namespace {

constexpr const char* kNames[] = {
#define NOGGIN_OPERATION(number, name) #name,
#include "gpu/vulkan/shaders/operations.def"
#undef NOGGIN_OPERATION
};
constexpr std::uint32_t kSignBit = 0x80000000U, kInfinityBits = 0x7F800000U, kSmallestNormal = 0x00800000U;

float number(std::uint32_t bits) { return std::bit_cast<float>(bits); }
std::uint32_t bits_of(float value) { return std::bit_cast<std::uint32_t>(value); }
std::uint32_t bits_of_int(std::int32_t value) { return static_cast<std::uint32_t>(value); }

bool is_nan_bits(std::uint32_t bits) { return (bits & ~kSignBit) > kInfinityBits; }
bool is_normal_or_zero(std::uint32_t bits) {
  const std::uint32_t magnitude = bits & ~kSignBit;
  return magnitude == 0 || (magnitude >= kSmallestNormal && magnitude < kInfinityBits);
}

// Signed zeros, ones and neighbours, both ends of the subnormal and normal ranges, infinity, NaN, ties, and numbers
// whose products, quotients and differences are near those ends.
constexpr std::uint32_t kSpecial[] = {
    0x00000000, 0x00000001, 0x00000002, 0x00400000, 0x007FFFFF, 0x00800000, 0x00800001, 0x00FFFFFF,
    0x01000000, 0x01000001, 0x0D7FFFFF, 0x0D800000, 0x0D800001, 0x1FFFFFFF, 0x20000000, 0x20000001,
    0x33800000, 0x34000000, 0x3EAAAAAB, 0x3F000000, 0x3F7FFFFF, 0x3F800000, 0x3F800001, 0x3FC00000,
    0x40000000, 0x40490FDB, 0x42FE0000, 0x42FF0000, 0x43000000, 0x4B000000, 0x4B400000, 0x4B7FFFFF,
    0x4B800000, 0x5F000000, 0x7EFFFFFF, 0x7F000000, 0x7F7FFFFF, 0x7F800000, 0x7FC00000};

// Knuth's multiplier; the upper bits are random enough for operands.
class Sequence {
 public:
  std::uint32_t next() {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    return static_cast<std::uint32_t>(state_ >> 32);
  }
  // Random significands near 1, so that sums and differences round and cancel.
  std::uint32_t near_one() { return (next() & 0x80FFFFFFU) | 0x3F000000U; }

 private:
  std::uint64_t state_ = 19;
};

class CaseList {
 public:
  void add(Operation operation, std::uint32_t a, std::uint32_t b = 0) {
    if (is_promised(operation, a, b)) cases_.push_back({operation, a, b, expected_result(operation, a, b)});
  }
  std::vector<ArithmeticCase> take() { return std::move(cases_); }

 private:
  std::vector<ArithmeticCase> cases_;
};

// The word of bytes 4 * i, 4 * i + 1, ...
std::uint32_t bytes_in_order(std::uint32_t i) { return 0x03020100U + (i * 4U & 255U) * 0x01010101U; }

void add_float_cases(Operation operation, Sequence& sequence, CaseList& cases) {
  for (const std::uint32_t a : kSpecial) {
    for (const std::uint32_t b : kSpecial) {
      const std::uint32_t signs = sequence.next();
      cases.add(operation, a | (signs & kSignBit), b | (signs << 1 & kSignBit));
    }
  }
  for (int i = 0; i < 256; ++i) {
    cases.add(operation, sequence.next(), sequence.next());
    cases.add(operation, sequence.near_one(), sequence.near_one());
  }
}

void add_integer_cases(Sequence& sequence, CaseList& cases) {
  for (int i = 0; i < 256; ++i) {
    const std::uint32_t any = sequence.next(), other = sequence.next();
    cases.add(Operation::kToFloat, any);
    cases.add(Operation::kToFloat, any & 0x03FFFFFFU);  // above 2^24 half of them are ties
    cases.add(Operation::kDot4, any, other);
    cases.add(Operation::kUnpackInt4Low, any);
    cases.add(Operation::kUnpackInt4High, any);
    // Activations of some hundred steps and less, ties among them; scores down to where the exponent is 0.
    cases.add(Operation::kQuantizeActivation,
              bits_of(static_cast<float>(static_cast<std::int32_t>(any >> 20)) - 2048.0F),
              bits_of(i % 2 == 0 ? 0.125F : number((other & 0x007FFFFFU) | 0x3D800000U)));
    cases.add(Operation::kAttentionExponent, bits_of_int(-static_cast<std::int32_t>(any >> (10 + other % 22))),
              (other & 0x007FFFFFU) | (0x38000000U + (other >> 28 << 23)));
  }
  for (const std::uint32_t edge : {0x00000000U, 0x7FFFFFFFU, 0x80000000U, 0x80808080U, 0x7F7F7F7FU, 0xFFFFFFFFU}) {
    cases.add(Operation::kToFloat, edge);
    for (const std::uint32_t other : {0x80808080U, 0x7F7F7F7FU, 0x01010101U}) cases.add(Operation::kDot4, edge, other);
  }
}

}  // namespace

bool same_result(Operation operation, std::uint32_t found, std::uint32_t expected) {
  const bool is_float = operation <= Operation::kToFloat;
  return found == expected || (is_float && is_nan_bits(found) && is_nan_bits(expected));
}

const char* operation_name(Operation operation) { return kNames[static_cast<std::size_t>(operation)] + 1; }

std::uint32_t expected_result(Operation operation, std::uint32_t a, std::uint32_t b) {
  const float x = number(a), y = number(b);
  switch (operation) {
    case Operation::kAdd:
    case Operation::kAddNormal:
      return bits_of(x + y);
    case Operation::kSubtract:
    case Operation::kSubtractNormal:
      return bits_of(x - y);
    case Operation::kMultiply:
    case Operation::kMultiplyNormal:
      return bits_of(x * y);
    case Operation::kDivide:
      return bits_of(x / y);
    case Operation::kSquareRoot:
      return bits_of(std::sqrt(x));
    case Operation::kToFloat:
      return bits_of(static_cast<float>(static_cast<std::int32_t>(a)));
    case Operation::kQuantizeActivation:
      return bits_of_int(spec::quantize_activation(x, y));
    case Operation::kAttentionExponent:
      return bits_of_int(spec::device::attention_exponent(static_cast<std::int32_t>(a), y));
    case Operation::kDot4:
      return bits_of_int(dot4(static_cast<std::int32_t>(a), static_cast<std::int32_t>(b), 0));
    case Operation::kUnpackInt4Low:
      return bits_of_int(unpack_int4(static_cast<std::int32_t>(a), false));
    case Operation::kUnpackInt4High:
      return bits_of_int(unpack_int4(static_cast<std::int32_t>(a), true));
    case Operation::kSignedByte:  // byte a of the second operands, which bytes_in_order() fills
      return bits_of_int(static_cast<std::int8_t>(a));
  }
  return 0;
}

bool is_promised(Operation operation, std::uint32_t a, std::uint32_t b) {
  switch (operation) {
    case Operation::kAddNormal:
    case Operation::kSubtractNormal:
    case Operation::kMultiplyNormal:
      return is_normal_or_zero(a) && is_normal_or_zero(b) && is_normal_or_zero(expected_result(operation, a, b));
    case Operation::kQuantizeActivation:  // inverse scales are within 2^-24 and 2^40
      return is_normal_or_zero(a) && b >= 0x33800000U && b <= 0x53800000U;
    case Operation::kAttentionExponent:  // score scales are within 2^-84 and 2^48
      return static_cast<std::int32_t>(a) <= 0 && b >= 0x15800000U && b <= 0x57800000U;
    default:
      return true;
  }
}

std::vector<ArithmeticCase> arithmetic_cases() {
  const runtime::FloatEnvironment environment;
  Sequence sequence;
  CaseList cases;
  for (const Operation operation :
       {Operation::kAdd, Operation::kSubtract, Operation::kMultiply, Operation::kAddNormal, Operation::kSubtractNormal,
        Operation::kMultiplyNormal, Operation::kDivide, Operation::kSquareRoot}) {
    add_float_cases(operation, sequence, cases);
  }
  add_integer_cases(sequence, cases);
  for (std::uint32_t a = 0; a < 256; ++a) cases.add(Operation::kSignedByte, a, bytes_in_order(a));
  return cases.take();
}

Result<ArithmeticUnit> ArithmeticUnit::create(Pipelines& pipelines, std::size_t capacity,
                                              std::chrono::milliseconds time_out) {
  if (Status status = pipelines.prepare(Shader::kArithmetic); !status) return status.error();
  const std::size_t bytes = capacity * kWordBytes;
  Result<Block> inputs = pipelines.device()->allocate(2 * bytes, Memory::kDevice, "the test's inputs");
  if (!inputs) return inputs.error();
  Result<std::unique_ptr<Stream>> stream =
      Stream::create(pipelines, *inputs, {bytes, 2 * bytes, bytes}, time_out, nullptr);
  if (!stream) return stream.error();
  return ArithmeticUnit(*std::move(inputs), *std::move(stream), capacity);
}

Result<std::vector<std::uint32_t>> ArithmeticUnit::run(Operation operation, std::span<const std::uint32_t> a,
                                                       std::span<const std::uint32_t> b) {
  std::vector<std::uint32_t> inputs(2 * capacity_), results(a.size());
  std::copy(a.begin(), a.end(), inputs.begin());
  std::copy(b.begin(), b.end(), inputs.begin() + static_cast<std::ptrdiff_t>(capacity_));
  Status status = stream_->fill(inputs_, std::as_bytes(std::span(inputs)));
  const auto count = static_cast<std::uint32_t>(a.size());
  if (status)
    status = stream_->upload(kBase, &count, sizeof count);  // a pass begins with a copy; its content is unused
  if (status) {
    status = stream_->record(launch(Shader::kArithmetic, divide_up(count, kArithmeticThreads),
                                    static_cast<std::uint32_t>(operation), count, 0U,
                                    static_cast<std::uint32_t>(capacity_), 0U));
  }
  if (status) status = stream_->download(results.data(), kBase, results.size() * kWordBytes);
  if (!status) return status.error();
  return results;
}

Status test_arithmetic(Pipelines& pipelines, std::chrono::milliseconds time_out) {
  const std::vector<ArithmeticCase> cases = arithmetic_cases();
  constexpr std::size_t kCapacity = 4096;
  Result<ArithmeticUnit> unit = ArithmeticUnit::create(pipelines, kCapacity, time_out);
  if (!unit) return unit.error();
  for (std::size_t first = 0; first < cases.size();) {
    const Operation operation = cases[first].operation;
    std::vector<std::uint32_t> a, b;
    std::size_t end = first;
    for (; end < cases.size() && cases[end].operation == operation && end - first < kCapacity; ++end) {
      a.push_back(cases[end].a);
      b.push_back(cases[end].b);
    }
    const Result<std::vector<std::uint32_t>> results = unit->run(operation, a, b);
    if (!results) return results.error();
    for (std::size_t i = 0; i < a.size(); ++i) {
      const std::uint32_t want = cases[first + i].expected, found = (*results)[i];
      if (same_result(operation, found, want)) continue;
      return Error{ErrorCode::kUnsupported,
                   message({"the Vulkan device '", pipelines.device()->info().device.name,
                            "' computes other numbers than NUMERICS.md demands: ", operation_name(operation), " of ",
                            hex(a[i]), " and ", hex(b[i]), " is ", hex(found), " there, must be ", hex(want),
                            ". Fix: update its driver, choose another device, or ", kUseTheCpu})};
    }
    first = end;
  }
  return {};
}

}  // namespace noggin::gpu
