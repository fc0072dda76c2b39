#include "io/simulator/gunzip.hpp"

#include <zlib.h>

#include <stdexcept>

namespace tickerflow::sim {

std::string gunzip(std::string_view packed, const std::string& name) {
  constexpr int gzip_window_bits = 15 + 16; // 16: expect a gzip header
  z_stream stream{};
  if (inflateInit2(&stream, gzip_window_bits) != Z_OK)
    throw std::runtime_error("zlib does not start");
  stream.next_in =
      reinterpret_cast<Bytef*>(const_cast<char*>(packed.data())); // not written
  stream.avail_in = static_cast<uInt>(packed.size());
  std::string result;
  result.reserve(packed.size() * 6);
  char chunk[65536];
  auto status = Z_OK;
  while (status == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(chunk);
    stream.avail_out = sizeof chunk;
    status = inflate(&stream, Z_NO_FLUSH);
    result.append(chunk, sizeof chunk - stream.avail_out);
  }
  inflateEnd(&stream);
  if (status != Z_STREAM_END)
    throw std::runtime_error(name + " is no gzip file, or is cut");
  return result;
}

} // namespace tickerflow::sim
