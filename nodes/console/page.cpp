#include "nodes/console/page.hpp"

#include "nodes/console/problem.hpp"

#ifdef TICKERFLOW_CONSOLE_PAGE
#include "console/page.hpp"
#include "io/simulator/gunzip.hpp"

#include <algorithm>
#endif

namespace tickerflow::console {

namespace {

web_headers page_headers() {
  return {
      {"Content-Security-Policy",
       "default-src 'none'; script-src 'self'; style-src 'self'; img-src "
       "'self' data:; font-src 'self'; connect-src 'self'; manifest-src "
       "'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"},
      {"X-Content-Type-Options", "nosniff"},
      {"X-Frame-Options", "DENY"},
      {"Referrer-Policy", "no-referrer"},
      {"Cross-Origin-Opener-Policy", "same-origin"},
      {"Cross-Origin-Resource-Policy", "same-origin"},
      {"Permissions-Policy", "camera=(), geolocation=(), microphone=()"},
  };
}

} // namespace

#ifdef TICKERFLOW_CONSOLE_PAGE

web_reply page_reply(const web_request& x) {
  auto path = x.path == "/" ? std::string{"/index.html"} : x.path;
  auto& files = page_files();
  auto found = std::find_if(files.begin(), files.end(),
                            [&](auto& f) { return f.path == path; });
  if (found == files.end())
    throw not_found("there is no such file: the console is at /");
  web_reply result;
  result.headers = page_headers();
  result.headers.emplace_back("ETag", std::string{found->etag});
  result.headers.emplace_back(
      "Cache-Control",
      found->immutable ? "public, max-age=31536000, immutable" : "no-cache");
  if (x.header("if-none-match").find(found->etag) != std::string::npos) {
    result.status = 304;
    return result;
  }
  result.content_type = std::string{found->content_type};
  result.headers.emplace_back("Vary", "Accept-Encoding");
  if (x.header("accept-encoding").find("gzip") != std::string::npos) {
    result.headers.emplace_back("Content-Encoding", "gzip");
    result.body = std::string{found->body};
  } else { // no browser: curl, a script
    result.body = sim::gunzip(found->body, path);
  }
  return result;
}

#else

web_reply page_reply(const web_request& x) {
  if (x.path != "/" && x.path != "/index.html")
    throw not_found("there is no such file: the console is at /");
  return {200, "text/html; charset=utf-8",
          "<!doctype html><title>Tickerflow</title><p>This program was built "
          "without the console's page. Its API is <a "
          "href=\"/api/v1/openapi.yaml\">/api/v1</a>.\n",
          page_headers()};
}

#endif

} // namespace tickerflow::console
