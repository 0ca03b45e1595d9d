// delta_sizes NAME OLD.nog NEW.nog: one line of the table of README.md: the new file, what zstd alone makes of it, the
// delta by each method, and how long a device takes to apply the smaller one.
#include <zstd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

#include "export/publish/delta_maker.h"
#include "export/publish/publish.h"
#include "format/file_bytes.h"
#include "update/delta.h"

namespace {

using noggin::publish::Delta;

double milliseconds_to_apply(const Delta& delta, std::span<const std::byte> old_file, std::uint64_t new_bytes) {
  std::vector<double> times;
  for (int i = 0; i < 11; ++i) {
    std::span<const std::byte> rest = delta.bytes;
    const auto start = std::chrono::steady_clock::now();
    const noggin::Status status = noggin::update::apply_delta(
        old_file,
        [&rest](std::span<std::byte> to) -> noggin::Result<std::size_t> {
          const std::size_t count = std::min(to.size(), rest.size());
          std::copy_n(rest.begin(), count, to.begin());
          rest = rest.subspan(count);
          return count;
        },
        new_bytes, [](std::span<const std::byte>) { return noggin::Status(); });
    if (!status) return -1.0;
    times.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
  }
  std::nth_element(times.begin(), times.begin() + 5, times.end());
  return times[5];
}

int complain(const noggin::Error& error) {
  std::fprintf(stderr, "delta_sizes: %s\n", error.message.c_str());
  return 3;
}

}  // namespace

int main(int count, char** words) {
  if (count != 4) return 2;
  const auto old_file = noggin::format::FileBytes::open(words[2]), new_file = noggin::format::FileBytes::open(words[3]);
  if (!old_file) return complain(old_file.error());
  if (!new_file) return complain(new_file.error());
  const auto now = new_file->bytes();
  std::vector<std::byte> packed(ZSTD_compressBound(now.size()));
  const std::size_t alone = ZSTD_compress(packed.data(), packed.size(), now.data(), now.size(), 19);
  const auto typed = noggin::publish::make_delta(old_file->bytes(), now, noggin::update::DeltaMethod::kTyped);
  if (!typed) return complain(typed.error());
  const auto plain = noggin::publish::make_delta(old_file->bytes(), now, noggin::update::DeltaMethod::kDictionary);
  if (!plain) return complain(plain.error());
  const Delta& best = typed->bytes.size() <= plain->bytes.size() ? *typed : *plain;
  const double share = static_cast<double>(best.bytes.size()) / static_cast<double>(now.size());
  std::printf("| %s | %zu | %zu | %zu | %zu | %.1f %% | %s | %.1f ms |\n", words[1], now.size(), alone,
              plain->bytes.size(), typed->bytes.size(), 100.0 * share,
              share < noggin::publish::kDeltaShare ? "yes" : "no",
              milliseconds_to_apply(best, old_file->bytes(), now.size()));
  return 0;
}
