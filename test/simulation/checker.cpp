#include "test/simulation/checker.hpp"

namespace tickerflow::simulation {

namespace {

std::string text(const address& x) {
  return "process " + std::to_string(x.process) + "."
         + std::to_string(x.incarnation);
}

std::string text(std::int32_t shard, std::int64_t epoch) {
  return "shard " + std::to_string(shard) + " epoch " + std::to_string(epoch);
}

/// Process and shard in one number, for they are asked for at every write.
std::int64_t key_of(const address& who, std::int32_t shard) {
  return (static_cast<std::int64_t>(who.process) << 40)
         + (static_cast<std::int64_t>(who.incarnation) << 20) + shard;
}

} // namespace

void checker::leads(std::int64_t term) {
  if (term <= leading_term_)
    throw violation{"term " + std::to_string(term) + " after term "
                    + std::to_string(leading_term_)};
  leading_term_ = term;
}

void checker::claimed(const address& who, std::int32_t shard,
                      std::int64_t epoch, std::int64_t term) {
  auto& x = stored_[static_cast<size_t>(shard)];
  if (epoch == x.epoch && who == x.owner)
    return; // it starts anew from what is stored
  if (epoch <= x.epoch)
    throw violation{text(shard, epoch) + " was claimed by " + text(who)
                    + " although epoch " + std::to_string(x.epoch)
                    + " is stored"};
  if (term < leading_term_)
    throw violation{text(shard, epoch) + " was claimed by " + text(who)
                    + " for term " + std::to_string(term) + " while term "
                    + std::to_string(leading_term_) + " leads"};
  x.epoch = epoch;
  x.owner = who;
  // A newer master may give out again what an older one's claim was refused.
  fenced_.erase({key_of(who, shard), epoch});
}

void checker::committed(const address& who, std::int32_t shard,
                        std::int64_t epoch, std::int64_t from_offset,
                        std::int64_t next_offset) {
  auto& x = stored_[static_cast<size_t>(shard)];
  if (epoch != x.epoch || !(who == x.owner))
    throw violation{text(shard, epoch) + ": " + text(who)
                    + " committed, but epoch " + std::to_string(x.epoch)
                    + " belongs to " + text(x.owner)};
  if (from_offset != x.next_offset || next_offset <= from_offset)
    throw violation{text(shard, epoch) + ": offsets "
                    + std::to_string(from_offset) + " to "
                    + std::to_string(next_offset) + " after "
                    + std::to_string(x.next_offset)};
  x.next_offset = next_offset;
}

void checker::ordered(std::int64_t term, const shard_table::order& x) {
  if (x.kind != shard_table::order_kind::assign)
    return;
  auto& last = given_[{term, x.shard}];
  if (x.epoch <= last)
    throw violation{"master of term " + std::to_string(term) + " gave "
                    + text(x.shard, x.epoch) + " to " + x.node + " after epoch "
                    + std::to_string(last)};
  last = x.epoch;
}

void checker::heard_term(const address& who, std::int64_t term) {
  auto& x = terms_[{who.process, who.incarnation}];
  x = std::max(x, term);
}

void checker::obeyed(const address& who, std::int64_t term,
                     std::int32_t shard) {
  auto highest = terms_[{who.process, who.incarnation}];
  if (term < highest)
    throw violation{text(who) + " obeyed an order for shard "
                    + std::to_string(shard) + " of term " + std::to_string(term)
                    + " after it had heard term " + std::to_string(highest)};
}

void checker::told_fenced(const address& who, std::int32_t shard,
                          std::int64_t epoch) {
  if (calm_)
    throw violation{text(who) + " was fenced from " + text(shard, epoch)
                    + " without any fault: it was not asked to stop first"};
  fenced_.insert({key_of(who, shard), epoch});
}

void checker::writes(const address& who, std::int32_t shard,
                     std::int64_t epoch) {
  if (!fenced_.empty() && fenced_.count({key_of(who, shard), epoch}) > 0)
    throw violation{text(who) + " still writes " + text(shard, epoch)
                    + " although it was told that it is fenced"};
}

} // namespace tickerflow::simulation
