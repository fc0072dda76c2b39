#pragma once

#include "nodes/commands/fields.hpp"

#include <map>
#include <string>
#include <vector>

namespace tickerflow {

/// Tells what is new in a list that is asked for again and again and has no
/// numbers: the items that the answer before did not have.
class news {
public:
  /// @param items the newest ones, oldest first
  /// @returns those that are new, in their order
  std::vector<ordered_json> take(const ordered_json& items);

  /// @returns whether the last answer had none of the one before: some may
  ///          have passed between the two
  bool may_have_missed() const { return may_have_missed_; }

private:
  std::map<std::string, int> before_; // how many of each
  bool may_have_missed_ = false;
};

} // namespace tickerflow
