#include "nodes/console/resources.hpp"

#include "market/shard.hpp"
#include "nodes/console/actor_json.hpp"
#include "nodes/console/leader_seat.hpp"
#include "nodes/console/log_json.hpp"
#include "nodes/console/market_resources.hpp"
#include "nodes/console/record_resources.hpp"

#include <algorithm>

namespace tickerflow::console {

namespace {

constexpr std::chrono::milliseconds answer_timeout{5'000};

using texts = std::vector<std::string>;

/// @returns the decoded segments behind /api/v1; nothing for another path
std::optional<texts> segments_of(const std::string& path) {
  std::string_view rest = path;
  constexpr std::string_view root = "/api/v1/";
  if (rest.substr(0, root.size()) != root)
    return std::nullopt;
  rest.remove_prefix(root.size());
  texts result;
  for (;;) {
    auto part = rest.substr(0, rest.find('/'));
    auto text = percent_decoded(part, false);
    if (!text || text->empty() || !is_text(*text))
      return std::nullopt;
    result.push_back(std::move(*text));
    if (part.size() == rest.size())
      return result;
    rest.remove_prefix(part.size() + 1);
  }
}

std::int64_t serial_in(const std::string& text) {
  auto result = whole_number_in(text);
  if (!result || *result < 1)
    throw bad_request("an actor's serial is a whole number from 1 on");
  return *result;
}

std::int64_t number_in(const std::string& text, std::int64_t most) {
  auto result = whole_number_in(text);
  if (!result || *result < 0 || *result > most)
    throw bad_request("shard and offset are whole numbers from 0 on");
  return *result;
}

std::string topic_in(const std::string& text) {
  auto fits = std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) || c == '.' || c == '_' || c == '-';
  });
  if (!fits || text.size() > 249)
    throw bad_request("a topic has 1 to 249 of A-Z a-z 0-9 . _ -");
  return text;
}

std::vector<std::string> items_in(const std::string& text) {
  std::vector<std::string> result;
  std::string_view rest = text;
  while (!rest.empty()) {
    auto part = rest.substr(0, rest.find(','));
    if (!part.empty())
      result.emplace_back(part);
    rest.remove_prefix(std::min(rest.size(), part.size() + 1));
  }
  return result;
}

node_spec node_in(const std::string& text) {
  node_spec result;
  auto colon = text.find(':');
  result.name = text.substr(0, colon);
  if (colon != text.npos) {
    auto weight = whole_number_in(text.substr(colon + 1));
    if (!weight || *weight < 0 || *weight > 9'999 || result.name.empty())
      throw bad_request("with has NAME or NAME:WEIGHT between commas");
    result.weight = static_cast<std::int32_t>(*weight);
  }
  return result;
}

} // namespace

struct resources::implementation {
  implementation(resource_options x, hub& y, audit& z)
      : options(std::move(x)), cluster(y), log(z),
        market(options.postgres_dsn, options.view),
        records(options.postgres_dsn, options.kafka, options.topic_raw) {
    make_routes();
  }

  struct call {
    texts path; // what stands in the pattern's *
    std::string query;
    const caller* who = nullptr; // of an action
  };

  struct route {
    std::string method;
    texts pattern; // * is any segment
    std::function<web_reply(const call&)> answer;
  };

  resource_options options;
  hub& cluster;
  audit& log;
  market_resources market;
  record_resources records;
  std::vector<route> routes;

  picture_ptr look() { return checked(cluster.look()); }

  /// What actors send is counted only while somebody looks at it.
  picture_ptr look_at_flow() { return checked(cluster.look_at_flow()); }

  static picture_ptr checked(picture_ptr x) {
    if (!x)
      throw no_answer("the coordinator has not answered yet: try again");
    return x;
  }

  /// Asks the coordinator.
  template <class Answer, class... Ts>
  Answer ask(const Ts&... xs) {
    caf::expected<Answer> result{errc::unavailable};
    auto leads = leader_seat::instance().ask(
        [&](caf::scoped_actor& self, const coordinator_actor& leader) {
          result = ask_actor<Answer>(self, leader, answer_timeout, xs...);
        });
    if (!leads)
      throw no_answer("this master does not lead any more: try again");
    if (!result) {
      auto x = problem_of(result.error());
      // What the coordinator does not know is a name in the path.
      if (result.error() == errc::bad_request)
        x = not_found(x.detail);
      throw x;
    }
    return std::move(*result);
  }

  void get(texts pattern, std::function<web_reply(const call&)> f) {
    routes.push_back({"GET", std::move(pattern), std::move(f)});
  }

  void get_json(texts pattern, std::function<json(const call&)> f) {
    get(std::move(pattern), [f](const call& x) { return reply_of(f(x)); });
  }

  /// Something that a picture and no parameter answers.
  void get_view(const char* name, std::function<json(const picture&)> f) {
    get_json({name}, [this, f](const call& x) {
      query{x.query, {}};
      return f(*look());
    });
  }

  /// @param name of the action, for the audit
  void post(texts pattern, const char* name,
            std::function<json(const call&)> f) {
    std::string action = name;
    routes.push_back(
        {"POST", std::move(pattern), [this, f, action](const call& x) {
           auto told = action;
           for (auto& part : x.path)
             told += ' ' + part;
           auto note = [&](const std::string& result) {
             log.note(to_string(x.who->who), x.who->address, told, result);
           };
           if (x.who->who != role::operator_) {
             note("refused: a viewer");
             throw forbidden("a viewer may look, not act: log in with the "
                             "operator's token");
           }
           try {
             query{x.query, {}};
             auto result = f(x);
             note("ok");
             return reply_of(result, 202);
           } catch (const problem& p) {
             note("failed: " + p.detail);
             throw;
           }
         }});
  }

  void make_routes() {
    cluster_routes();
    actor_routes();
    market_routes();
    record_routes();
  }

  void cluster_routes() {
    auto& view = options.view;
    get_view("overview",
             [&](const picture& x) { return overview_json(x, view); });
    get_view("alerts", [&](const picture& x) {
      return json{{"items", alerts_json(alerts_of(x, judge_of(x, view)))}};
    });
    get_view("budget", [&](const picture& x) { return budget_json(x, view); });
    get_view("nodes", [](const picture& x) { return nodes_json(x); });
    get_view("shards", [&](const picture& x) { return shards_json(x, view); });
    get_json({"audit"}, [this](const call& x) {
      query q{x.query, {"limit"}};
      return json{{"items", log.lines(q.limit())}};
    });
    get_json({"rebalance"}, [this](const call& x) {
      query q{x.query, {"without", "with"}};
      move_question question;
      question.without = items_in(q.text("without", 600));
      for (auto& node : items_in(q.text("with", 600)))
        question.with.push_back(node_in(node));
      return moves_json(
          ask<std::vector<planned_move>>(rebalance_atom_v, question));
    });
    post({"rebalance"}, "rebalance", [this](const call&) {
      move_question question;
      question.carry_out = true;
      return moves_json(
          ask<std::vector<planned_move>>(rebalance_atom_v, question));
    });
    post({"nodes", "*", "drain"}, "drain", [this](const call& x) {
      return json{{"shards", ask<std::int32_t>(drain_atom_v, x.path[0], true)}};
    });
    post({"nodes", "*", "undrain"}, "undrain", [this](const call& x) {
      return json{
          {"shards", ask<std::int32_t>(drain_atom_v, x.path[0], false)}};
    });
  }

  void actor_routes() {
    get_json({"actors"}, [this](const call& x) {
      query q{
          x.query,
          {"q", "kind", "node", "state", "sort", "order", "limit", "cursor"}};
      return actors_json(*look_at_flow(), q);
    });
    get_json({"actors", "*", "*"}, [this](const call& x) {
      query{x.query, {}};
      return actor(x.path[0], static_cast<std::uint64_t>(serial_in(x.path[1])));
    });
    post({"actors", "*", "*", "restart"}, "restart", [this](const call& x) {
      auto serial = static_cast<std::uint64_t>(serial_in(x.path[1]));
      auto known = look();
      if (known->processes.count(x.path[0]) == 0)
        throw not_found("there is no node " + x.path[0]);
      auto done = cluster.restart(x.path[0], serial);
      if (done)
        return json{{"text", *done}};
      if (done.error() == errc::bad_request)
        throw problem{409, "bad_request", tickerflow::text_of(done.error())};
      throw problem_of(done.error());
    });
    get_json({"flow"}, [this](const call& x) {
      query{x.query, {}};
      return flow_json(*look_at_flow());
    });
    get_json({"logs"}, [this](const call& x) {
      query q{x.query, {"node", "actor", "level", "q", "limit"}};
      look();
      return logs_json(cluster, q);
    });
  }

  json actor(const std::string& node, std::uint64_t serial) {
    auto x = look_at_flow();
    auto row = actor_json(*x, node, serial);
    auto detail = cluster.inspect(node, serial);
    if (!row)
      throw not_found("there is no such actor: it may have ended");
    if (detail)
      return detail_json(*x, node, *detail, std::move(*row));
    // It is dead, or its node is silent: what the picture has is told.
    return detail_json(*x, node, {}, std::move(*row));
  }

  void market_routes() {
    get_json({"tickers"}, [this](const call& x) {
      query q{x.query, {"q", "limit", "cursor"}};
      return market.tickers(*look(), q);
    });
    get_json({"tickers", "*"}, [this](const call& x) {
      query{x.query, {}};
      return market.ticker(*look(), symbol_in(x.path[0]));
    });
    get({"tickers", "*", "bars"}, [this](const call& x) {
      query q{x.query, {"from", "to", "limit", "format"}};
      return market.bars(symbol_in(x.path[0]), q);
    });
    get({"tickers", "*", "windows"}, [this](const call& x) {
      query q{x.query, {"width", "session", "from", "to", "limit", "format"}};
      return market.windows(symbol_in(x.path[0]), q);
    });
    get_json({"gaps"}, [this](const call& x) {
      query q{x.query, {"symbol", "from", "to", "limit"}};
      return market.gaps(*look(), q);
    });
    post({"tickers", "*", "pause"}, "pause",
         [this](const call& x) { return pause(symbol_in(x.path[0]), true); });
    post({"tickers", "*", "resume"}, "resume",
         [this](const call& x) { return pause(symbol_in(x.path[0]), false); });
  }

  json pause(const std::string& symbol, bool on) {
    auto paused = ask<bool>(pause_atom_v, symbol, on);
    return {{"text", paused ? symbol
                                  + " is paused: it is not fetched until it "
                                    "is resumed"
                            : symbol + " is fetched again"}};
  }

  void record_routes() {
    get_json({"trace", "*"}, [this](const call& x) {
      query q{x.query, {"start"}};
      auto symbol = symbol_in(x.path[0]);
      auto shards = static_cast<std::int32_t>(look()->status.shards.size());
      return records.trace(symbol, shards > 0 ? shard_of(symbol, shards) : 0,
                           q);
    });
    get_json({"dead-letters"}, [this](const call& x) {
      query q{x.query,
              {"q", "reason", "shard", "from", "to", "limit", "cursor"}};
      return records.dead_letters(q);
    });
    get_json({"dead-letters", "*", "*", "*"}, [this](const call& x) {
      query{x.query, {}};
      return records.dead_letter(
          topic_in(x.path[0]),
          static_cast<std::int32_t>(number_in(x.path[1], 2'147'483'647)),
          number_in(x.path[2], std::numeric_limits<std::int64_t>::max()));
    });
    post({"dead-letters", "*", "*", "*", "replay"}, "replay",
         [this](const call& x) {
           return records.replay(
               topic_in(x.path[0]),
               static_cast<std::int32_t>(number_in(x.path[1], 2'147'483'647)),
               number_in(x.path[2], std::numeric_limits<std::int64_t>::max()));
         });
  }

  static std::optional<texts> match(const texts& pattern, const texts& path) {
    if (pattern.size() != path.size())
      return std::nullopt;
    texts result;
    for (std::size_t i = 0; i < path.size(); ++i)
      if (pattern[i] == "*")
        result.push_back(path[i]);
      else if (pattern[i] != path[i])
        return std::nullopt;
    return result;
  }

  web_reply run(const std::string& method, const std::string& path,
                std::string query, const caller* who) {
    if (auto segments = segments_of(path))
      for (auto& x : routes)
        if (x.method == method)
          if (auto parts = match(x.pattern, *segments))
            return x.answer({std::move(*parts), std::move(query), who});
    throw not_found("there is no such path here: see /api/v1/openapi.yaml");
  }
};

resources::resources(resource_options options, hub& cluster, audit& log)
    : implementation_(
        std::make_unique<implementation>(std::move(options), cluster, log)) {}

resources::~resources() = default;

std::string resources::methods_of(const std::string& path) const {
  std::string result;
  if (auto segments = segments_of(path))
    for (auto& x : implementation_->routes)
      if (implementation_->match(x.pattern, *segments)
          && result.find(x.method) == result.npos)
        result += (result.empty() ? "" : ", ") + x.method;
  return result;
}

web_reply resources::get(const std::string& path,
                         const std::string& query) const {
  return implementation_->run("GET", path, query, nullptr);
}

web_reply resources::act(const std::string& path, const std::string& query,
                         const caller& who) const {
  return implementation_->run("POST", path, query, &who);
}

} // namespace tickerflow::console
