#include "actors/actor_watch.hpp"

#include <caf/atom.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/type_nr.hpp>

#include <cxxabi.h>

#include <cstdlib>
#include <memory>
#include <utility>

namespace tickerflow {

namespace {

/// "std::shared_ptr<tickerflow::outgoing_batch const>" as "outgoing_batch"
std::string short_name(const std::type_info& x) {
  int status = 0;
  std::unique_ptr<char, void (*)(void*)> text{
      abi::__cxa_demangle(x.name(), nullptr, nullptr, &status), std::free};
  std::string result = text ? text.get() : x.name();
  constexpr const char* pointer = "std::shared_ptr<";
  if (result.rfind(pointer, 0) == 0) {
    result.erase(0, std::char_traits<char>::length(pointer));
    result.erase(result.rfind('>'));
  }
  for (std::string_view word : {"tickerflow::", "caf::", " const", "std::"})
    for (auto at = result.find(word); at != std::string::npos;
         at = result.find(word))
      result.erase(at, word.size());
  while (!result.empty() && result.back() == ' ')
    result.pop_back();
  // An interface's name is the list of all its messages.
  if (result.rfind("typed_actor<", 0) == 0)
    return "typed_actor";
  return result.size() > 100 ? result.substr(0, 100) + "..." : result;
}

} // namespace

message_type::message_type(const caf::type_erased_tuple& x) : size_(x.size()) {
  for (size_t i = 0; i < size_ && i < most; ++i) {
    auto [number, type] = x.type(i);
    elements_[i] = {number, type, 0};
    if (number == caf::type_nr<caf::atom_value>::value)
      elements_[i].atom =
          static_cast<std::uint64_t>(x.get_as<caf::atom_value>(i));
  }
}

std::string message_type::name() const {
  std::string result;
  for (size_t i = 0; i < size_ && i < most; ++i) {
    auto& x = elements_[i];
    if (i > 0)
      result += ", ";
    if (x.atom != 0)
      result += to_string(static_cast<caf::atom_value>(x.atom));
    else if (x.type)
      result += short_name(*x.type);
    else if (x.number > 0) // "@str"
      result += caf::numbered_type_names[x.number - 1] + 1;
  }
  return size_ > most ? result + ", ..." : result;
}

void actor_watch::begin(const caf::mailbox_element& x, bool in_full) {
  sender_key from;
  if (x.sender)
    from = {x.sender->node(), x.sender->id()};
  std::lock_guard guard{mutex_};
  in_full_ = in_full;
  if (in_full) {
    present_.at = std::chrono::system_clock::now();
    present_.type = message_type{x.content()};
  }
  present_.from = std::move(from);
}

void actor_watch::end(std::chrono::nanoseconds took, bool skipped) {
  std::lock_guard guard{mutex_};
  if (!skipped) {
    // The same one sends again more often than not.
    if (!last_sender_ || !(last_sender_->first == present_.from)) {
      auto known = senders_.find(present_.from);
      if (known == senders_.end() && senders_.size() < kept_senders)
        known = senders_.emplace(present_.from, 0).first;
      last_sender_ = known == senders_.end() ? nullptr : &*known;
    }
    ++(last_sender_ ? last_sender_->second : other_senders_);
    if (in_full_) {
      if (messages_.size() == kept_messages)
        messages_.pop_front();
      present_.took = took;
      messages_.push_back(present_);
    }
  }
  present_.type = {};
}

void actor_watch::tell(std::string state_json) {
  std::lock_guard guard{mutex_};
  state_ = {std::move(state_json), std::chrono::steady_clock::now()};
}

actor_watch::seen actor_watch::read() const {
  std::lock_guard guard{mutex_};
  return {present_.type,
          {messages_.rbegin(), messages_.rend()},
          senders_,
          other_senders_,
          state_};
}

} // namespace tickerflow
