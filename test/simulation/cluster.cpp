#include "test/simulation/cluster.hpp"

#include <algorithm>

namespace tickerflow::simulation {

namespace {

constexpr milliseconds look_interval{200};

/// Sizes that the scenario leaves open come from the seed, but not from the
/// world's numbers: these exist only once the sizes are known.
std::int32_t size_of(std::int32_t wanted, std::uint64_t seed,
                     std::int32_t least, std::int32_t most) {
  if (wanted > 0)
    return wanted;
  seed = (seed ^ (seed >> 31)) * 0x9e3779b97f4a7c15;
  return least
         + static_cast<std::int32_t>((seed >> 33)
                                     % static_cast<unsigned>(most - least + 1));
}

} // namespace

cluster::cluster(const scenario& x)
    : scenario_(x), shards_(size_of(x.shards, x.seed + 3, 4, 32)),
      world_(x, shards_) {
  database_ = world_.add_place();
  world_.start<model_database>(database_, shards_);
  stubborn_ = world_.chance(0.5);
  masters_.resize(static_cast<size_t>(size_of(x.masters, x.seed + 7, 1, 3)));
  for (auto& place : masters_)
    place = world_.add_place();
  for (size_t i = 0; i < masters_.size(); ++i)
    start_master(i);
  auto count = size_of(x.workers, x.seed + 11, 2, 8);
  auto weighted = world_.chance(0.3);
  workers_.reserve(static_cast<size_t>(count) + 8);
  for (auto i = 0; i < count; ++i) {
    seat y;
    y.name = "worker-" + std::to_string(i);
    y.place = world_.add_place();
    y.weight = weighted ? 1 + world_.pick(3) : 1;
    workers_.push_back(y);
    start_worker(workers_.back());
  }
  if (count <= 8 && world_.chance(0.3)) {
    seat y = workers_.front();
    y.place = world_.add_place();
    y.twin = true;
    workers_.push_back(y);
  }
}

void cluster::start_worker(seat& x) {
  node_spec spec;
  spec.name = x.name;
  spec.host = "host-" + std::to_string(x.place);
  spec.pid = static_cast<std::int32_t>(++started_);
  spec.started_ms = world_.now_ms() * 1000 + started_;
  spec.weight = x.weight;
  world_.start<model_worker>(x.place, database_, masters_, spec);
}

void cluster::start_master(size_t x) {
  world_.start<model_master>(masters_[x], database_, stubborn_);
}

model_worker* cluster::worker(const seat& x) {
  return static_cast<model_worker*>(world_.running(x.place));
}

/// The master that leads by the database's word.
model_master* cluster::leader() {
  auto db = static_cast<model_database*>(world_.running(database_));
  auto who = db->leader();
  if (who.process < 0)
    return nullptr;
  auto master = static_cast<model_master*>(world_.running(who.process));
  return master && master->self() == who && master->leading() ? master
                                                              : nullptr;
}

void cluster::watch_leaders() {
  auto leading = 0;
  for (auto place : masters_)
    if (auto x = static_cast<model_master*>(world_.running(place)))
      leading += x->leading();
  world_.count.double_leaders += leading > 1;
}

void cluster::suffer() {
  auto wild = world_.chance(0.5);
  auto end = world_.now() + scenario_.faults_for;
  if (wild) {
    world_.sky.loss = 0.01 * world_.pick(10);
    world_.sky.twice = 0.01 * world_.pick(10);
    world_.sky.late = 0.01 * world_.pick(10);
    world_.sky.in_order = false;
  }
  // They come in bursts, and with pauses in which the cluster recovers.
  while (world_.now() < end) {
    auto wait = world_.chance(0.2) ? world_.between(2000, 6000)
                                   : world_.between(0, 1500);
    world_.run_until(std::min(end, world_.now() + wait));
    watch_leaders();
    fault();
    ++world_.count.faults;
    // One rack in twenty of a big cluster goes with it.
    for (size_t i = 20; i < workers_.size(); i += 20) {
      worker_fault(workers_[static_cast<size_t>(
          world_.pick(static_cast<std::int64_t>(workers_.size())))]);
      ++world_.count.faults;
    }
  }
}

void cluster::fault() {
  switch (world_.pick(10)) {
    case 0: {
      auto i = static_cast<size_t>(
          world_.pick(static_cast<std::int64_t>(masters_.size())));
      if (world_.up(masters_[i]))
        world_.end(masters_[i], 0.8);
      else
        start_master(i);
      return;
    }
    case 1: {
      auto i = static_cast<size_t>(
          world_.pick(static_cast<std::int64_t>(masters_.size())));
      world_.hang(masters_[i], world_.between(200, 12'000));
      return;
    }
    case 2: {
      auto all = 1 + static_cast<std::int64_t>(masters_.size())
                 + static_cast<std::int64_t>(workers_.size());
      world_.part(world_.pick(all), world_.pick(all),
                  world_.between(200, 10'000));
      return;
    }
    case 3:
      if (world_.chance(0.3))
        world_.hang(database_, world_.between(200, 5000));
      return;
    default:
      worker_fault(workers_[static_cast<size_t>(
          world_.pick(static_cast<std::int64_t>(workers_.size())))]);
  }
}

void cluster::worker_fault(seat& x) {
  auto running = worker(x);
  if (!running) {
    start_worker(x);
    return;
  }
  auto master = leader();
  switch (world_.pick(8)) {
    case 0:
    case 1: world_.end(x.place, 0.8); return;
    case 2:
      // Killed and started again before anybody notices.
      world_.end(x.place, 0.5);
      start_worker(x);
      return;
    case 3:
    case 4: world_.hang(x.place, world_.between(200, 12'000)); return;
    case 5: running->leave(); return;
    case 6:
      if (master)
        master->drain(x.name, world_.chance(0.5));
      return;
    default:
      if (master && world_.chance(0.1)) {
        master->table().rebalance(world_.now());
        master->act();
      } else {
        running->fail_one();
      }
  }
}

milliseconds cluster::recover() {
  world_.heal();
  for (size_t i = 0; i < masters_.size(); ++i)
    if (!world_.up(masters_[i]))
      start_master(i);
  for (auto& x : workers_) {
    if (x.twin)
      world_.end(x.place);
    else if (!world_.up(x.place) && world_.chance(0.7))
      start_worker(x);
  }
  workers_.erase(std::remove_if(workers_.begin(), workers_.end(),
                                [](auto& x) { return x.twin; }),
                 workers_.end());
  auto start = world_.now();
  auto undrained = false;
  std::string wrong = "never looked";
  while (world_.now() - start < scenario_.recover_within) {
    world_.run_until(world_.now() + look_interval);
    auto master = leader();
    if (!undrained && master && world_.now() - start > milliseconds{8000}) {
      undrained = true;
      for (auto& x : master->table().nodes(world_.now()))
        master->drain(x.spec.name, false);
    }
    if (std::none_of(workers_.begin(), workers_.end(),
                     [&](auto& x) { return world_.up(x.place); }))
      start_worker(workers_.front());
    wrong = undrained ? trouble() : "not undrained yet";
    if (wrong.empty())
      return std::chrono::duration_cast<milliseconds>(world_.now() - start);
  }
  throw violation{"not well within "
                  + std::to_string(scenario_.recover_within.count())
                  + " ms after the last fault: " + wrong};
}

std::string cluster::trouble() {
  auto master = leader();
  if (!master)
    return "nobody leads";
  for (auto place : masters_)
    if (auto x = static_cast<model_master*>(world_.running(place)))
      if (x != master && x->leading())
        return "two masters lead";
  return trouble_of(*master);
}

std::string cluster::trouble_of(model_master& master) {
  auto& table = master.table();
  auto db = static_cast<model_database*>(world_.running(database_));
  auto nodes = table.nodes(world_.now());
  std::map<std::string, std::int32_t> listed;
  for (auto& x : nodes)
    if (x.alive)
      listed[x.spec.name] = x.spec.pid;
  std::map<std::string, model_worker*> alive;
  size_t services = 0;
  for (auto& x : workers_)
    if (auto running = worker(x)) {
      if (!running->registered_at(master.self())
          || listed[x.name] != running->spec().pid)
        return x.name + " is not registered";
      alive[x.name] = running;
      services += running->services();
    }
  for (auto& [name, pid] : listed)
    if (alive.count(name) == 0)
      return name + " is gone, but not for the master";
  for (std::int32_t i = 0; i < shards_; ++i) {
    auto& owner = table.owner(i);
    auto epoch = table.epoch(i);
    auto found = alive.find(owner);
    auto name =
        "shard " + std::to_string(i) + " epoch " + std::to_string(epoch);
    if (found == alive.end())
      return name
             + " has no living owner: " + table.view(i, world_.now()).reason;
    if (!found->second->serves(i, epoch))
      return name + " is not served by " + owner;
    if (db->epoch(i) != epoch)
      return name + " is not the stored epoch, " + std::to_string(db->epoch(i));
  }
  if (services != static_cast<size_t>(shards_))
    return std::to_string(services) + " services for " + std::to_string(shards_)
           + " shards: a zombie serves";
  // Balanced: everybody has its share, rounded down or up.
  std::int64_t weights = 0;
  auto able = [](const node_status& x) {
    return x.alive && !x.leaving && !x.spec.drained && x.spec.weight > 0;
  };
  for (auto& x : nodes)
    weights += able(x) ? x.spec.weight : 0;
  for (auto& x : nodes) {
    auto share = able(x) ? shards_ * std::int64_t{x.spec.weight} : 0;
    if (weights == 0 || x.shards < share / weights
        || x.shards > (share + weights - 1) / weights)
      return x.spec.name + " serves " + std::to_string(x.shards)
             + " shards, its share is " + std::to_string(share) + "/"
             + std::to_string(weights);
  }
  return {};
}

void cluster::run_until_well(milliseconds limit, const std::string& what) {
  auto start = world_.now();
  // Time for the change to be noticed, then for it to be over.
  world_.run_until(start + milliseconds{1500});
  for (;;) {
    auto wrong = trouble();
    if (wrong.empty())
      return;
    if (world_.now() - start > limit)
      throw violation{"not well within " + std::to_string(limit.count())
                      + " ms after " + what + ": " + wrong};
    world_.run_until(world_.now() + look_interval);
  }
}

outcome simulate(const scenario& x) {
  cluster uut{x};
  auto& world = uut.around();
  try {
    uut.suffer();
    world.count.recovery = uut.recover();
    world.watch.calm(true);
    for (auto i = 0; i < x.experiments; ++i)
      uut.experiment();
  } catch (const violation& e) {
    world.count.violation = e.what();
    if (x.trace)
      world.trace({-1, 0}, std::string{"VIOLATION "} + e.what());
  }
  return world.count;
}

} // namespace tickerflow::simulation
