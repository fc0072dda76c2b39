#pragma once

#include "test/soak/ledger.hpp"

#include <string>
#include <vector>

namespace tickerflow::soak {

/// Where the results of a run are.
struct result_place {
  std::string postgres; // DSN
  std::string brokers;
  std::string raw_topic;
  std::string processed_topic;
  std::string dead_topic;
};

/// How database and topics differ from what they must hold.
class differences {
public:
  void add(std::string text) {
    if (++count_ <= kept)
      texts_.push_back(std::move(text));
  }

  std::int64_t count() const { return count_; }

  /// @returns the first of them
  const std::vector<std::string>& texts() const { return texts_; }

private:
  static constexpr std::int64_t kept = 20;
  std::int64_t count_ = 0;
  std::vector<std::string> texts_;
};

/// Compares all that is stored with the ledger: bars and windows row by row,
/// values and revisions; windows once more with a batch recomputation in SQL
/// over the stored bars; dead letters byte by byte; the offsets with the
/// topic's ends.
/// @returns lines that say what was compared
std::vector<std::string> compare_database(const result_place& place,
                                          const ledger& wanted,
                                          differences& out);

/// Compares what was announced: each final window in its last revision at
/// least once, and nothing that was never true; each dead letter at least once
/// and no other; the raw topic with what was acknowledged.
/// @returns lines that say what was compared
std::vector<std::string> compare_topics(const result_place& place,
                                        const ledger& wanted, differences& out);

} // namespace tickerflow::soak
