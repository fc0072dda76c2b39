#pragma once

#include <caf/fwd.hpp>
#include <caf/node_id.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <typeinfo>
#include <vector>

namespace tickerflow {

/// Who sent a message; `id` 0: nobody.
struct sender_key {
  caf::node_id system;
  std::uint64_t id = 0;

  bool operator==(const sender_key& x) const {
    return id == x.id && system == x.system;
  }

  bool operator<(const sender_key& x) const {
    return id != x.id ? id < x.id : system < x.system;
  }
};

/// What a message consists of, as cheap as it can be noted: names are made when
/// somebody reads.
class message_type {
public:
  message_type() = default;

  explicit message_type(const caf::type_erased_tuple& x);

  /// @returns e.g. "publish, outgoing_batch"
  std::string name() const;

  bool empty() const { return size_ == 0; }

private:
  struct element {
    std::uint16_t number = 0; // of a type that CAF knows
    const std::type_info* type = nullptr;
    std::uint64_t atom = 0;
  };

  static constexpr size_t most = 4;

  std::array<element, most> elements_{};
  size_t size_ = 0; // of the message: may be more than `most`
};

/// What one actor does while somebody looks at it. Written by its own thread,
/// read by any; nothing of it is touched while nobody looks.
class actor_watch {
public:
  static constexpr size_t kept_messages = 100;
  static constexpr size_t kept_senders = 500;

  struct message {
    std::chrono::system_clock::time_point at;
    message_type type;
    sender_key from;
    std::chrono::nanoseconds took{0};
  };

  struct told_state {
    std::string json; // empty: not told yet
    std::chrono::steady_clock::time_point at;
  };

  struct seen {
    message_type handling;         // the present message
    std::vector<message> messages; // newest first
    std::map<sender_key, std::uint64_t> senders;
    std::uint64_t other_senders = 0; // messages of those that were too many
    told_state state;
  };

  /// A message is taken up.
  void begin(const caf::mailbox_element& x, bool in_full);

  /// It is done with; `skipped`: it went back and will come again.
  void end(std::chrono::nanoseconds took, bool skipped);

  void tell(std::string state_json);

  seen read() const;

private:
  mutable std::mutex mutex_;
  message present_;
  bool in_full_ = false;
  std::deque<message> messages_; // oldest first
  std::map<sender_key, std::uint64_t> senders_;
  std::uint64_t other_senders_ = 0;
  std::pair<const sender_key, std::uint64_t>* last_sender_ = nullptr;
  told_state state_;
};

} // namespace tickerflow
