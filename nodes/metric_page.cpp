#include "nodes/metric_page.hpp"

#include "actors/process_use.hpp"
#include "nodes/node_state.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <limits>

namespace tickerflow {

namespace {

using prometheus::ClientMetric;
using prometheus::MetricType;
using labels = std::vector<ClientMetric::Label>;

/// Families as they are added; each name once.
class families {
public:
  void gauge(const std::string& name, const std::string& help, double value,
             labels x = {}) {
    add(name, help, MetricType::Gauge, std::move(x)).gauge.value = value;
  }

  void counter(const std::string& name, const std::string& help, double value,
               labels x = {}) {
    add(name, help, MetricType::Counter, std::move(x)).counter.value = value;
  }

  ClientMetric::Histogram& histogram(const std::string& name,
                                     const std::string& help, labels x) {
    return add(name, help, MetricType::Histogram, std::move(x)).histogram;
  }

  std::string text() const {
    return prometheus::TextSerializer{}.Serialize(all_);
  }

private:
  ClientMetric& add(const std::string& name, const std::string& help,
                    MetricType type, labels x) {
    auto known = std::find_if(all_.begin(), all_.end(),
                              [&](auto& y) { return y.name == name; });
    if (known == all_.end()) {
      all_.emplace_back();
      known = all_.end() - 1;
      known->name = name;
      known->help = help;
      known->type = type;
    }
    known->metric.emplace_back();
    known->metric.back().label = std::move(x);
    return known->metric.back();
  }

  std::vector<prometheus::MetricFamily> all_;
};

template <class Duration>
double seconds_of(Duration x) {
  return std::chrono::duration<double>{x}.count();
}

void add_process(families& to) {
  auto use = process_use::now();
  to.counter("process_cpu_seconds_total", "CPU time, user and system",
             seconds_of(use.cpu));
  if (use.resident_bytes > 0) {
    to.gauge("process_virtual_memory_bytes", "address space",
             static_cast<double>(use.virtual_bytes));
    to.gauge("process_resident_memory_bytes", "memory in use",
             static_cast<double>(use.resident_bytes));
  }
}

void add_queues(families& to, const metric_facts& x) {
  for (auto& q : x.queues) {
    labels name{{"queue", q.name}};
    to.gauge("tickerflow_queue_size", "entries of a bounded queue",
             static_cast<double>(q.size), name);
    to.gauge("tickerflow_queue_bound", "a queue never gets above",
             static_cast<double>(q.bound), name);
  }
}

void add_shards(families& to, const metric_facts& x) {
  auto& shards = x.report->shards;
  to.gauge("tickerflow_shards_owned", "shards that this node serves",
           static_cast<double>(shards.size()));
  for (auto& s : shards) {
    labels shard{{"shard", std::to_string(s.shard)}};
    auto gauge = [&](const char* name, const char* help, std::int64_t value) {
      to.gauge(name, help, static_cast<double>(value), shard);
    };
    auto counter = [&](const char* name, const char* help, std::int64_t value) {
      to.counter(name, help, static_cast<double>(value), shard);
    };
    gauge("tickerflow_shard_lag_records", "records in Kafka not yet stored",
          s.lag);
    gauge("tickerflow_shard_epoch", "epoch at which the shard is served",
          s.epoch);
    counter("tickerflow_bars_total",
            "bars stored since the shard was opened here", s.bars);
    counter("tickerflow_corrections_total", "stored bars that were revised",
            s.corrections);
    counter("tickerflow_duplicates_total", "records known already",
            s.duplicates);
    counter("tickerflow_windows_total", "windows and their revisions",
            s.windows);
    counter("tickerflow_dead_letters_total", "records that cannot be used",
            s.dead_letters);
    auto oldest_s = std::numeric_limits<std::int64_t>::max();
    for (auto& t : s.tickers)
      if (t.last_bar_s > 0)
        oldest_s = std::min(oldest_s, t.last_bar_s);
    if (oldest_s == std::numeric_limits<std::int64_t>::max())
      continue; // no bar yet
    auto end = std::chrono::system_clock::time_point{
        std::chrono::seconds{oldest_s} + x.interval};
    to.gauge("tickerflow_watermark_lag_seconds",
             "now - end of the newest bar, of the shard's latest ticker; grows "
             "while the market is closed",
             seconds_of(x.now - end), shard);
  }
}

void add_worker(families& to, const metric_facts& x) {
  to.gauge("tickerflow_node_registered",
           "1: this worker is registered with a master that leads",
           x.registered ? 1 : 0);
  to.counter("tickerflow_fenced_total",
             "shards lost because a newer epoch owns them",
             static_cast<double>(x.fenced));
  if (!x.report)
    return;
  to.gauge("tickerflow_report_age_seconds", "age of the actor's last report",
           seconds_of(x.report_age), {{"name", "node_supervisor"}});
  add_shards(to, x);
}

void add_budget(families& to, const budget_status& x) {
  auto limit = [&](const char* window, std::int64_t calls) {
    to.gauge("tickerflow_api_budget_limit",
             "calls that the API key's plan allows; 0: no limit",
             static_cast<double>(calls), {{"window", window}});
  };
  limit("minute", x.calls_per_minute);
  limit("day", x.calls_per_day);
  to.gauge("tickerflow_api_budget_used", "calls made today, New York time",
           static_cast<double>(x.used_today));
  to.gauge("tickerflow_api_budget_closed_seconds",
           "for so long no call is allowed; 0: open",
           static_cast<double>(x.closed_for_ms) / 1000);
  to.counter("tickerflow_api_calls_granted_total",
             "calls allowed since this master leads",
             static_cast<double>(x.granted));
  to.counter("tickerflow_api_calls_refused_total",
             "calls that the API refused since this master leads",
             static_cast<double>(x.refused));
}

void add_master(families& to, const metric_facts& x) {
  to.gauge("tickerflow_leader", "1: this master leads; 0: it waits",
           x.leading ? 1 : 0);
  if (!x.cluster)
    return;
  auto& c = *x.cluster;
  to.gauge("tickerflow_report_age_seconds", "age of the actor's last report",
           seconds_of(x.cluster_age), {{"name", "coordinator"}});
  to.gauge("tickerflow_term", "of this leadership",
           static_cast<double>(c.term));
  for (auto state : {"alive", "suspect", "leaving", "drained", "dead"})
    to.gauge("tickerflow_nodes", "workers by state",
             static_cast<double>(std::count_if(
                 c.nodes.begin(), c.nodes.end(),
                 [&](auto& n) { return std::string{state_of(n)} == state; })),
             {{"state", state}});
  to.gauge("tickerflow_shards", "shards of the cluster",
           static_cast<double>(c.shards.size()));
  to.gauge("tickerflow_shards_unowned", "shards that no worker serves",
           static_cast<double>(
               std::count_if(c.shards.begin(), c.shards.end(),
                             [](auto& s) { return s.owner.empty(); })));
  add_budget(to, c.budget);
}

void add_kinds(families& to, const metric_facts& x) {
  std::map<std::string, double> waiting;
  for (auto& a : x.actors)
    waiting[a.kind] += static_cast<double>(a.mailbox);
  for (auto& k : x.kinds) {
    labels name{{"name", k.kind}};
    to.gauge("caf_system_running_actors", "actors that live, by kind",
             static_cast<double>(k.alive), name);
    to.gauge("caf_actor_mailbox_size", "messages that wait, by kind of actor",
             waiting[k.kind], name);
    to.gauge("tickerflow_actor_mailbox_highest",
             "most messages that ever waited in one mailbox",
             static_cast<double>(k.mailbox_highest), name);
    to.counter("tickerflow_actor_failures_total",
               "actors that ended with an error", static_cast<double>(k.failed),
               name);
    to.counter("tickerflow_actor_restarts_total",
               "actors that their supervisor started anew",
               static_cast<double>(k.restarted), name);
  }
}

} // namespace

std::map<std::string, metric_page::work>
metric_page::work_by_kind(const std::vector<actor_row>& actors) {
  auto add = [](work& to, const work& x) {
    to.busy += x.busy;
    for (size_t i = 0; i < x.within.size(); ++i)
      to.within[i] += x.within[i];
  };
  auto before = std::move(alive_);
  alive_.clear();
  for (auto& a : actors) {
    actor_key key{a.kind, a.id, a.started};
    before.erase(key);
    alive_[key] = {a.busy, a.handled_within};
  }
  for (auto& [key, x] : before)
    add(ended_[std::get<0>(key)], x);
  auto result = ended_;
  for (auto& [key, x] : alive_)
    add(result[std::get<0>(key)], x);
  return result;
}

std::string metric_page::text(const metric_facts& x) {
  families all;
  all.gauge("tickerflow_node_up", "1: the node's main actor answers",
            x.up ? 1 : 0);
  all.gauge("tickerflow_build_info", "the program's version", 1,
            {{"version", TICKERFLOW_VERSION}});
  for (auto& d : x.dependencies)
    all.gauge("tickerflow_dependency_up",
              "1: the server has answered within the last 15 s", d.up ? 1 : 0,
              {{"dependency", d.name}});
  if (x.worker)
    add_worker(all, x);
  if (x.master)
    add_master(all, x);
  add_kinds(all, x);
  for (auto& [kind, done] : work_by_kind(x.actors)) {
    auto& h = all.histogram("caf_actor_processing_time_seconds",
                            "time to handle a message, by kind of actor",
                            {{"name", kind}});
    h.sample_sum = seconds_of(done.busy);
    for (size_t i = 0; i < done.within.size(); ++i) {
      h.sample_count += done.within[i];
      h.bucket.push_back(
          {h.sample_count, i < handling_bounds.size()
                               ? seconds_of(handling_bounds[i])
                               : std::numeric_limits<double>::infinity()});
    }
  }
  add_queues(all, x);
  add_process(all);
  return all.text();
}

} // namespace tickerflow
