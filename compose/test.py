"""./dev compose-test: the whole deployment in containers, with faults.

The same compose.yml that people use, with stand-ins for the images that cannot
be pulled: three workers and the simulator; workers are added, taken away,
killed, frozen, cut off; the master is killed, all of it taken down and brought
up again, and the console has to show all of it, Prometheus its part. In the end
PostgreSQL holds exactly what the simulator served, and "down -v" leaves
nothing. Flags: --keep leaves the stack running, --no-build
takes the images that are there; COMPOSE_TEST_PATIENCE=N multiplies all limits
(4 unless told). --profile ha or secure, also both: a shorter run with those,
in which the master is killed. --brokers: such a run with three Kafka brokers,
of which each is killed.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, f"{HERE}/test")

from engine import TOP, Engine, run, say, works  # noqa: E402
from broker_steps import BrokerSteps  # noqa: E402
from console import Console  # noqa: E402
from console_steps import ConsoleSteps  # noqa: E402
from expected import TRUTH, WRONG_WINDOWS  # noqa: E402
from monitoring_steps import MonitoringSteps  # noqa: E402
from stack import TICKERS, Stack, wait_for  # noqa: E402


class Test(BrokerSteps, ConsoleSteps, MonitoringSteps):
    def __init__(self, engine, folder, profiles, brokers):
        self.engine = engine
        self.folder = folder
        self.stack = Stack(engine.docker, folder, profiles, brokers)
        self.short = brokers or bool(profiles)
        self.passed = 0

    def step(self, name, work):
        start = time.monotonic()
        note = work()
        self.passed += 1
        say(f"ok  {time.monotonic() - start:6.1f} s  {name}"
            + (f": {note}" if note else ""))

    # --- what has to hold again and again ------------------------------------

    def all_served(self, workers, seconds=60):
        """Every shard runs on one of the living nodes, and bars come in."""
        def served():
            status = self.stack.status()
            alive = [x["name"] for x in status["nodes"] if x["alive"]]
            shards = status["shards"]
            return (len(alive) == workers and len(shards) == 8
                    and all(x["state"] == "running" and x["owner"] in alive
                            for x in shards)
                    and len({x["owner"] for x in shards}) == workers)
        wait_for(f"{workers} workers serve all shards", served, seconds)
        before = self.stack.bars()
        wait_for("more bars", lambda: self.stack.bars() > before, 30)

    def takeover_from(self, node):
        """To be called before a node is lost. What it returns waits until all
        that the node held runs again, and gives the seconds.

        By newer epochs, not other owners: a node that starts again at once has
        some of its shards back before this has looked.
        """
        held = {x["shard"]: x["epoch"] for x in self.stack.status()["shards"]
                if x["owner"] == node}
        assert held, f"{node} serves no shard"

        def taken():
            now = {x["shard"]: x for x in self.stack.status()["shards"]}
            return held.keys() <= now.keys() and all(
                now[x]["epoch"] > epoch and now[x]["state"] == "running"
                for x, epoch in held.items())

        def wait():
            start = time.monotonic()
            wait_for(f"what {node} served is served again", taken, 30)
            return time.monotonic() - start
        return wait

    def node_of(self, number=1):
        container = self.stack.container("worker", number)
        host = self.stack.inspect(container, "{{.Config.Hostname}}")
        return container, f"{host}-1"

    # --- steps ----------------------------------------------------------------

    def images(self, build):
        base = self.engine.make_base()
        if build or not self.engine.has("tickerflow:dev"):
            self.engine.build("tickerflow:dev", TOP, "-f",
                              f"{TOP}/compose/image/Dockerfile")
        if build or not self.engine.has_stand_ins():
            self.engine.make_stand_ins(f"{self.folder}/stand-ins")
        size = int(run(self.engine.docker, "image", "inspect", "-f",
                       "{{.Size}}", "tickerflow:dev"))
        own = size - int(run(self.engine.docker, "image", "inspect", "-f",
                             "{{.Size}}", "debian:bookworm-slim"))
        return (f"base {base}; image {size / 1e6:.0f} MB, of which "
                f"{own / 1e6:.0f} MB on top of the base")

    def bring_up(self):
        self.stack.up(3)
        wait_for("all healthy", lambda: not self.stack.unhealthy(), 180)
        self.all_served(3)
        return f"{self.stack.bars()} bars"

    def secrets_are_out_of_sight(self):
        """No password in any environment but that of the service init."""
        for x in self.stack.containers():
            name = self.stack.inspect(x, "{{.Name}}")
            seen = self.stack.inspect(x, "{{.Config.Env}} {{.Config.Cmd}}")
            if "init" not in name:
                assert self.stack.password not in seen, name
        logs = self.stack.compose("logs", "--no-color")
        console = Console(self.stack)
        for secret in (self.stack.password, console.token, console.viewer):
            assert secret not in logs

    def hardened(self):
        """What compose.yml promises for each, asked from the engine."""
        for x in self.stack.containers():
            name, user, drop, nnp, memory, pids, restart, log, read_only, \
                ports = self.stack.inspect(
                    x, "{{.Name}};{{.Config.User}};{{.HostConfig.CapDrop}};"
                    "{{.HostConfig.SecurityOpt}};{{.HostConfig.Memory}};"
                    "{{.HostConfig.PidsLimit}};"
                    "{{.HostConfig.RestartPolicy.Name}};"
                    "{{.HostConfig.LogConfig.Config}};"
                    "{{.HostConfig.ReadonlyRootfs}};"
                    "{{json .HostConfig.PortBindings}}").split(";")
            assert user not in ("", "0", "root"), f"{name} runs as root"
            assert drop == "[ALL]" and "no-new-privileges" in nnp, name
            assert int(memory) > 0 and int(pids) > 0, name
            assert "max-size" in log, name
            assert restart == ("no" if "init" in name or "certificates" in
                               name else "unless-stopped"), name
            assert read_only == "true" or "pgadmin" in name, name
            assert ports.count("HostIp") == ports.count("127.0.0.1"), ports

    def scale(self, workers):
        def work():
            self.stack.up(workers)
            self.all_served(workers)
            self.console_agrees(workers)
        return work

    def kill_worker(self):
        container, node = self.node_of()
        takeover = self.takeover_from(node)
        pid = int(self.stack.inspect(container, "{{.State.Pid}}"))
        os.kill(pid, 9)
        moved = takeover()
        wait_for("it was started again", lambda: self.stack.inspect(
            container, "{{.RestartCount}}") == "1", 30)
        self.all_served(3)
        return f"its shards were served again within {moved:.1f} s"

    def pause_worker(self):
        container, node = self.node_of(2)
        takeover = self.takeover_from(node)
        run(self.engine.docker, "pause", container)
        try:
            moved = takeover()
            console = Console(self.stack)
            text = wait_for("the console gets no answer of it", lambda: next(
                (x["text"] for name, x in console.workers().items()
                 if name == node and x["state"] in ("suspect", "dead")), None),
                30)
        finally:
            run(self.engine.docker, "unpause", container)
        self.all_served(3)
        self.console_agrees(3)
        return (f"its shards were served by others within {moved:.1f} s; "
                f"console: {text}")

    def cut_off_worker(self):
        container, node = self.node_of(3)
        takeover = self.takeover_from(node)
        run(self.engine.docker, "network", "disconnect",
            self.stack.network(), container)
        try:
            moved = takeover()
        finally:
            run(self.engine.docker, "network", "connect", "--alias", "worker",
                self.stack.network(), container)
        self.all_served(3, 90)
        return f"its shards were served by others within {moved:.1f} s"

    def kill_master(self):
        # Its tokens come from the container, which is about to be away.
        console = Console(self.stack)
        term = self.stack.status()["term"]
        pid = int(self.stack.inspect(self.stack.container("master"),
                                     "{{.State.Pid}}"))
        os.kill(pid, 9)
        start = time.monotonic()
        wait_for("the console is back",
                 lambda: console.get("overview"), 60)
        back = time.monotonic() - start
        wait_for("a new term", lambda: self.stack.status()["term"] > term, 60)
        self.all_served(3)
        # Sessions end with it; the token stays.
        browser, _ = console.log_in(console.token)
        status, _ = console.ask("/api/v1/nodes", opener=browser)
        assert status == 200, status
        self.console_agrees(3)
        return f"the console answered again after {back:.1f} s"

    def restart_servers(self):
        """Kafka and PostgreSQL are stopped and started under load."""
        self.stack.compose("restart", "-t", "30", "kafka", "postgres")
        wait_for("all healthy", lambda: not self.stack.unhealthy(), 180)
        self.all_served(3, 90)

    def down_and_up(self):
        before = self.stack.bars()
        self.stack.stop()
        for service in ("master", "worker"):
            for x in self.stack.containers(
                    f"com.docker.compose.service={service}"):
                code = self.stack.inspect(x, "{{.State.ExitCode}}")
                assert code == "0", f"a {service} ended with {code}, not in order"
        self.stack.down()
        kept = self.stack.leftovers()
        assert kept and all(x.startswith("volume") for x in kept), kept
        self.stack.up(3)
        wait_for("all healthy", lambda: not self.stack.unhealthy(), 180)
        after = self.stack.bars()
        assert after >= before, f"{before} bars before, {after} after"
        self.all_served(3)
        return f"{before} bars before, {after} right after"

    def pgadmin(self):
        if not works("node", "-e", "1"):
            raise AssertionError("no Node.js: apt-get install nodejs npm")
        run("npm", "install", "--silent", "--prefix", self.folder,
            "playwright-core")
        picture = os.environ.get("COMPOSE_TEST_PICTURE",
                                 f"{self.folder}/pgadmin.png")
        return run("node", f"{HERE}/test/pgadmin.mjs", self.folder,
                   f"http://127.0.0.1:{self.stack.ports['PGADMIN_PORT']}/",
                   "admin@example.com", "pgadmin-7", "stock_data",
                   picture).strip()

    def exact(self):
        """Each bar once and right, each window as recomputed."""
        self.stack.simulator("clock", {"speed": 0})
        total = 0
        for symbol in TICKERS:
            truth = self.stack.simulator(
                f"truth?symbol={symbol}&interval=1min")

            def caught_up():
                """The row of TRUTH, when the newest final bar is stored."""
                row = self.stack.sql(TRUTH.format(symbol=symbol),
                                     truth).split("|")
                return row if row[-1] and float(row[-1]) <= 0 else None
            stored, expected, wrong, missing, _ = wait_for(
                f"{symbol}'s newest final bar is stored", caught_up, 60)
            assert (wrong, missing) == ("0", "0") and stored == expected, (
                f"{symbol}: {stored} stored, {expected} expected, "
                f"{wrong} wrong, {missing} missing")
            total += int(stored)
        wrong = self.stack.sql(WRONG_WINDOWS)
        assert wrong == "0", f"{wrong} windows differ from their bars"
        windows = self.stack.sql("select count(*) from market.bar_window")
        dead = self.stack.sql("select count(*) from pipeline.dead_letter")
        assert dead == "0", f"{dead} dead letters"
        return (f"{total} bars as the simulator served them, {windows} windows "
                "as recomputed, no dead letter")

    def nothing_is_left(self):
        self.stack.down("-v", "--remove-orphans")
        left = self.stack.leftovers()
        assert not left, left

    def run(self, build):
        self.step("images from source and packages", lambda:
                  self.images(build))
        self.step("up with 3 workers, all healthy", self.bring_up)
        self.step("containers are as hardened as compose.yml says",
                  self.hardened)
        self.step("no secret in an environment or a log",
                  self.secrets_are_out_of_sight)
        self.step("console: page, token, roles, who serves what", self.console)
        self.step("Prometheus: every node, all rules, all panels have values",
                  self.monitoring)
        if self.short:
            self.run_short()
            return
        for workers in (1, 5, 2, 3):
            self.step(f"--scale worker={workers} under load",
                      self.scale(workers))
        self.step("kill -9 of a worker: others serve, it comes back",
                  self.kill_worker)
        self.step("a killed worker that stays away: the console shows it",
                  self.dead_worker_is_shown)
        self.step("docker pause of a worker: others serve, it comes back",
                  self.pause_worker)
        self.step("a worker hangs: Prometheus' alerts fire, and end",
                  self.alert)
        self.step("network disconnect of a worker: others serve, it comes back",
                  self.cut_off_worker)
        self.step("kill -9 of the master: it leads again, the console is back",
                  self.kill_master)
        self.step("restart of Kafka and PostgreSQL", self.restart_servers)
        self.step("down and up again with the volumes kept", self.down_and_up)
        self.step("pgAdmin in a browser, server opened without its password",
                  self.pgadmin)
        self.step("what is stored is what was served", self.exact)
        self.step("down -v leaves nothing", self.nothing_is_left)

    def run_short(self):
        if self.stack.brokers:
            self.step("each record has three copies", self.copies)
            self.step("kill -9 of each broker in turn: nothing stops",
                      self.kill_brokers)
        if "ha" in self.stack.profiles:
            self.step("stop of the master: the standby leads and has the "
                      "console", self.stop_master)
        else:
            self.step("kill -9 of the master: it leads again, the console is "
                      "back", self.kill_master)
        self.step("what is stored is what was served", self.exact)
        self.step("down -v leaves nothing", self.nothing_is_left)


def flags():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--keep", action="store_true",
                        help="leave the stack running")
    parser.add_argument("--no-build", action="store_true",
                        help="take the images that are there")
    parser.add_argument("--profile", action="append", default=[],
                        choices=("ha", "secure"), help="a shorter run with it")
    parser.add_argument("--brokers", action="store_true",
                        help="a shorter run with three Kafka brokers")
    return parser.parse_args()


def main():
    wanted = flags()
    keep = wanted.keep
    folder = tempfile.mkdtemp(prefix="tickerflow-compose-")
    engine = test = None
    failed = 0
    try:
        engine = Engine()
        test = Test(engine, folder, wanted.profile, wanted.brokers)
        test.run(not wanted.no_build)
    except (AssertionError, RuntimeError, OSError,
            subprocess.SubprocessError) as problem:
        failed = 1
        say(f"FAILED: {problem}")
        if test:
            for x in test.stack.containers():
                say(test.stack.inspect(x, "--- {{.Name}} {{.State.Status}}"))
                tail = subprocess.run([engine.docker, "logs", "--tail", "12",
                                       x], text=True, stdout=subprocess.PIPE,
                                      stderr=subprocess.STDOUT)
                say(tail.stdout)
    finally:
        if test and not keep:
            try:
                test.stack.down("-v", "--remove-orphans")
            except RuntimeError as problem:
                say(f"could not take it down: {problem}")
        if engine and not keep:
            engine.stop()
        shutil.rmtree(folder, ignore_errors=True)
    say(f"{test.passed if test else 0} passed, {failed} failed")
    return failed


if __name__ == "__main__":
    sys.exit(main())
