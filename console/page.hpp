#pragma once

#include <string_view>
#include <vector>

namespace tickerflow {

/// One file of the console's page as it goes over the wire.
struct page_file {
  std::string_view path;         ///< as requested: /index.html, /assets/a-1.js
  std::string_view content_type; ///< with charset where it has one
  std::string_view body;         ///< always compressed: Content-Encoding gzip
  std::string_view etag;         ///< with its quotes, of the compressed bytes
  /// Its name holds a hash of its content: a browser may keep it for ever. All
  /// others have to be asked for again by their etag.
  bool immutable;
};

/// All files, sorted by path. "/" is /index.html; pages are told apart behind
/// the address's "#", so no other path stands for a page.
const std::vector<page_file>& page_files();

} // namespace tickerflow
