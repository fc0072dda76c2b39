#pragma once

#include "actors/shard_table.hpp"

#include <memory>

namespace tickerflow::simulation {

using time = shard_table::time;
using std::chrono::milliseconds;

/// A process as others know it: a restarted one is another.
struct address {
  std::int32_t process = -1;
  std::int32_t incarnation = 0;

  bool operator==(const address& x) const {
    return process == x.process && incarnation == x.incarnation;
  }
};

enum class kind : std::uint8_t {
  tick, // a process's own timer
  down, // of the connection to the sender
  // worker -> master
  enroll,
  beat,
  confirm,
  loss,
  leave,
  // master -> worker
  enrolled,
  refused,
  beat_answer,
  assign,
  revoke,
  leave_answer,
  drained,
  // worker -> database, and its answers
  claim,
  claimed,
  write,
  written,
  // master -> database, and its answers
  acquire,
  acquired,
  read,
  stored,
  renew,
  renewed,
};

const char* name_of(kind x);

/// One form for all: the fields that a kind uses are set.
struct message {
  kind what = kind::tick;
  address from;
  std::int32_t shard = 0;
  std::int64_t epoch = 0;
  std::int64_t term = 0;
  std::int64_t from_offset = 0;
  std::int64_t next_offset = 0;
  std::int64_t seen = 0; // epoch in the database
  std::int64_t started_ms = 0;
  bool yes = false;
  bool fenced = false;
  std::string node;
  std::shared_ptr<const node_spec> spec;
  std::shared_ptr<const node_report> report;
  std::shared_ptr<const std::vector<stored_shard>> shards;
};

} // namespace tickerflow::simulation
