// WebSocket clients of a console, some of which hardly read: run beside
// pipeline_bench by bench/console.sh.

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>

#include <CLI/CLI.hpp>
#include <spdlog/fmt/fmt.h>

#include <cstring>
#include <fstream>
#include <memory>
#include <optional>

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using tcp = asio::ip::tcp;
using error_code = beast::error_code;
using namespace std::chrono_literals;

struct load {
  asio::io_context context{1};
  std::uint16_t port = 8081;
  std::string token;
  std::uint64_t messages = 0;
  std::uint64_t bytes = 0;
  std::uint64_t ended = 0;
  int open = 0;
  int most_open = 0;
};

constexpr auto watched = R"({"watch":["/api/v1/overview","/api/v1/nodes",)"
                         R"("/api/v1/tickers?limit=50"]})";

/// One client, which connects again when it is dropped.
class client : public std::enable_shared_from_this<client> {
public:
  client(load& all, bool slow) : all_(all), slow_(slow), pause_(all.context) {}

  void connect() {
    stream_.emplace(all_.context);
    auto& socket = stream_->next_layer();
    error_code e;
    socket.open(tcp::v4(), e);
    if (slow_)
      socket.set_option(asio::socket_base::receive_buffer_size(4096), e);
    socket.async_connect({asio::ip::address_v4::loopback(), all_.port},
                         [self = shared_from_this()](error_code failed) {
                           if (failed)
                             return self->again();
                           self->shake_hands();
                         });
  }

private:
  void shake_hands() {
    stream_->set_option(
        websocket::stream_base::decorator([this](websocket::request_type& x) {
          x.set(beast::http::field::authorization, "Bearer " + all_.token);
        }));
    stream_->read_message_max(64 * 1024 * 1024);
    stream_->async_handshake("localhost", "/api/v1/live",
                             [self = shared_from_this()](error_code failed) {
                               if (failed)
                                 return self->again();
                               self->all_.most_open = std::max(
                                   self->all_.most_open, ++self->all_.open);
                               self->open_ = true;
                               self->watch();
                             });
  }

  void watch() {
    stream_->async_write(
        asio::buffer(watched, std::strlen(watched)),
        [self = shared_from_this()](error_code e, std::size_t) {
          if (e)
            return self->again();
          self->read();
        });
  }

  void read() {
    stream_->async_read(
        buffer_, [self = shared_from_this()](error_code e, std::size_t size) {
          if (e)
            return self->again();
          ++self->all_.messages;
          self->all_.bytes += size;
          self->buffer_.consume(self->buffer_.size());
          if (!self->slow_)
            return self->read();
          self->pause_.expires_after(5s);
          self->pause_.async_wait([self](error_code) { self->read(); });
        });
  }

  void again() {
    if (open_) {
      --all_.open;
      ++all_.ended;
    }
    open_ = false;
    pause_.expires_after(500ms);
    pause_.async_wait([self = shared_from_this()](error_code) {
      self->buffer_.clear();
      self->connect();
    });
  }

  load& all_;
  bool slow_;
  bool open_ = false;
  asio::steady_timer pause_;
  std::optional<websocket::stream<tcp::socket>> stream_;
  beast::flat_buffer buffer_;
};

} // namespace

int main(int argc, char** argv) {
  CLI::App program{"WebSocket clients of a console, until SIGTERM"};
  load all;
  int clients = 200;
  int slow = 20;
  std::string token_file;
  program.add_option("--port", all.port)->capture_default_str();
  program.add_option("--token-file", token_file)->required();
  program.add_option("--clients", clients)->capture_default_str();
  program.add_option("--slow", slow, "of them read a message in 5 s")
      ->capture_default_str();
  CLI11_PARSE(program, argc, argv);
  std::ifstream file{token_file};
  std::getline(file, all.token);
  for (int i = 0; i < clients; ++i)
    std::make_shared<client>(all, i < slow)->connect();
  asio::signal_set stop{all.context, SIGTERM, SIGINT};
  stop.async_wait([&](error_code, int) { all.context.stop(); });
  all.context.run();
  fmt::print("    console: {} clients at once ({} slow), {} messages, {:.1f} "
             "MB; {} connections ended, also by the end of the master\n",
             all.most_open, slow, all.messages,
             static_cast<double>(all.bytes) / 1e6, all.ended);
  return 0;
}
