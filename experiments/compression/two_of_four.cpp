// Would 2:4 sparsity (two of every four weights along K are zero) make int8 products faster on a CPU? The dense product
// of AVX-512-VNNI against the best that we know for 2:4: the two inputs that a weight pair needs are picked by a byte
// shuffle, which differs for each output, so that one multiply-add takes eight inputs where the dense one takes four.
// Indices are stored ready for the shuffle; two bits each, as they would lie in a file, would have to be widened first.
//
//   g++ -O3 -march=native -std=c++20 experiments/compression/two_of_four.cpp -o two_of_four && ./two_of_four
//
// Prints, per number of rows, nanoseconds per row and dense over sparse; rounds alternate, medians. No LibTorch.
#include <immintrin.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <vector>

namespace {

constexpr int kInputs = 384, kOutputs = 1536, kLanes = 16, kRounds = 201;

struct Weights {
  // Panels of 16 outputs; per panel and four inputs 64 bytes. Sparse: per panel and eight inputs 64 bytes of weights
  // and 64 of indices.
  std::vector<std::int8_t> dense, sparse, indices;
};

Weights random_weights(std::mt19937& random) {
  Weights made;
  made.dense.assign(static_cast<std::size_t>(kInputs) * kOutputs, 0);
  made.sparse.resize(made.dense.size() / 2);
  made.indices.resize(made.dense.size() / 2);
  for (int panel = 0; panel < kOutputs / kLanes; ++panel)
    for (int eight = 0; eight < kInputs / 8; ++eight)
      for (int lane = 0; lane < kLanes; ++lane)
        for (int half = 0; half < 2; ++half) {
          const int first = static_cast<int>(random() % 3),
                    second = first + 1 + static_cast<int>(random() % (3 - first));
          for (int pick = 0; pick < 2; ++pick) {
            const int k = pick == 0 ? first : second;
            const auto weight = static_cast<std::int8_t>(static_cast<int>(random() % 255) - 127);
            const std::size_t four = static_cast<std::size_t>(panel) * (kInputs / 4) + eight * 2 + half;
            made.dense[(four * kLanes + lane) * 4 + k] = weight;
            const std::size_t at =
                ((static_cast<std::size_t>(panel) * (kInputs / 8) + eight) * kLanes + lane) * 4 + half * 2 + pick;
            made.sparse[at] = weight;
            made.indices[at] = static_cast<std::int8_t>(half * 4 + k);
          }
        }
  return made;
}

template <int kRows>
void dense(const Weights& weights, const std::uint8_t* x, std::int32_t* y) {
  for (int panel = 0; panel < kOutputs / kLanes; ++panel) {
    const std::int8_t* w = weights.dense.data() + static_cast<std::size_t>(panel) * kInputs * kLanes;
    __m512i sums[kRows] = {};
    for (int k = 0; k < kInputs; k += 4, w += 64) {
      const __m512i four = _mm512_loadu_si512(w);
      for (int row = 0; row < kRows; ++row) {
        std::int32_t inputs;
        __builtin_memcpy(&inputs, x + row * kInputs + k, 4);
        sums[row] = _mm512_dpbusd_epi32(sums[row], _mm512_set1_epi32(inputs), four);
      }
    }
    for (int row = 0; row < kRows; ++row) _mm512_storeu_si512(y + row * kOutputs + panel * kLanes, sums[row]);
  }
}

template <int kRows>
void sparse(const Weights& weights, const std::uint8_t* x, std::int32_t* y) {
  for (int panel = 0; panel < kOutputs / kLanes; ++panel) {
    const std::size_t begin = static_cast<std::size_t>(panel) * kInputs / 2 * kLanes;
    const std::int8_t *w = weights.sparse.data() + begin, *at = weights.indices.data() + begin;
    __m512i sums[kRows] = {};
    for (int k = 0; k < kInputs; k += 8, w += 64, at += 64) {
      const __m512i pairs = _mm512_loadu_si512(w), indices = _mm512_loadu_si512(at);
      for (int row = 0; row < kRows; ++row) {
        std::int64_t inputs;
        __builtin_memcpy(&inputs, x + row * kInputs + k, 8);
        const __m512i picked = _mm512_shuffle_epi8(_mm512_set1_epi64(inputs), indices);
        sums[row] = _mm512_dpbusd_epi32(sums[row], picked, pairs);
      }
    }
    for (int row = 0; row < kRows; ++row) _mm512_storeu_si512(y + row * kOutputs + panel * kLanes, sums[row]);
  }
}

template <typename Run>
double nanoseconds(const Run& run) {
  const auto start = std::chrono::steady_clock::now();
  run();
  return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - start).count();
}

double median(std::vector<double>& values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

template <int kRows>
void compare(const Weights& weights, std::mt19937& random) {
  std::vector<std::uint8_t> x(static_cast<std::size_t>(kRows) * kInputs);
  for (std::uint8_t& value : x) value = static_cast<std::uint8_t>(random() % 256);
  std::vector<std::int32_t> expected(static_cast<std::size_t>(kRows) * kOutputs), found(expected.size());
  std::vector<double> by_dense, by_sparse, ratios;
  for (int round = 0; round < kRounds; ++round) {
    by_dense.push_back(nanoseconds([&] { dense<kRows>(weights, x.data(), expected.data()); }));
    by_sparse.push_back(nanoseconds([&] { sparse<kRows>(weights, x.data(), found.data()); }));
    ratios.push_back(by_dense.back() / by_sparse.back());
  }
  if (found != expected) {
    std::puts("the products differ");
    std::exit(1);
  }
  std::printf("%4d rows: dense %8.0f ns a row, 2:4 %8.0f ns, dense / 2:4 %.2f\n", kRows, median(by_dense) / kRows,
              median(by_sparse) / kRows, median(ratios));
}

}  // namespace

int main() {
  std::mt19937 random(1);
  const Weights weights = random_weights(random);
  compare<1>(weights, random);
  compare<2>(weights, random);
  compare<4>(weights, random);
  compare<8>(weights, random);
  compare<16>(weights, random);
}
