// Compressors for tests beside gzip and zstandard of data_read_log.h.
#pragma once

#include <bzlib.h>
#include <lzma.h>

#include <string>

namespace noggin::tests {

inline std::string bzip2(std::string text) {
  auto size = static_cast<unsigned>(text.size() + text.size() / 50 + 1024);
  std::string out(size, '\0');
  BZ2_bzBuffToBuffCompress(out.data(), &size, text.data(), static_cast<unsigned>(text.size()), 1, 0, 0);
  out.resize(size);
  return out;
}

inline std::string xz(const std::string& text) {
  std::string out(lzma_stream_buffer_bound(text.size()), '\0');
  std::size_t size = 0;
  const lzma_ret code =
      lzma_easy_buffer_encode(1, LZMA_CHECK_CRC64, nullptr, reinterpret_cast<const std::uint8_t*>(text.data()),
                              text.size(), reinterpret_cast<std::uint8_t*>(out.data()), &size, out.size());
  out.resize(code == LZMA_OK ? size : 0);
  return out;
}

}  // namespace noggin::tests
