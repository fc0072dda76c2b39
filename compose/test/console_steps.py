"""The steps of the test that look at the console alone."""

import time

from console import Console
from engine import run
from stack import wait_for


class ConsoleSteps:
    """Part of the class Test: needs its engine, stack, all_served and node_of."""

    def console_agrees(self, workers):
        """The console and the tables say the same of who serves what."""
        console = Console(self.stack)

        def agree():
            shown = {(x["shard"], x["owner"], x["epoch"])
                     for x in console.get("shards").get("items", [])}
            rows = self.stack.sql("select shard, owner, epoch "
                                  "from pipeline.shard").splitlines()
            stored = {(int(shard), owner, int(epoch)) for shard, owner, epoch
                      in (row.split("|") for row in rows)}
            alive = {name for name, x in console.workers().items()
                     if x["state"] == "alive"}
            owners = {owner for _, owner, _ in stored}
            return (shown == stored and alive == owners
                    and len(owners) == workers)
        wait_for("console and tables agree on who serves what", agree, 30)

    def console(self):
        overview = Console(self.stack).doors()
        self.console_agrees(3)
        return f"\"{overview['headline']}\"; three workers"

    def dead_worker_is_shown(self):
        """Not started again at once, so that there is time to look."""
        container, node = self.node_of(2)
        console = Console(self.stack)
        run(self.engine.docker, "update", "--restart", "no", container)
        try:
            run(self.engine.docker, "kill", container)
            start = time.monotonic()
            text = wait_for("the console shows it as dead", lambda: next(
                (x["text"] for name, x in console.workers().items()
                 if name == node and x["state"] == "dead"), None), 30)
            shown = time.monotonic() - start
        finally:
            run(self.engine.docker, "update", "--restart", "unless-stopped",
                container)
            run(self.engine.docker, "start", container)
        self.all_served(3)
        self.console_agrees(3)
        return f"after {shown:.1f} s: {text}"

    def stop_master(self):
        """With a standby: that one leads, and has the console."""
        term = self.stack.status("standby")["term"]
        run(self.engine.docker, "stop", self.stack.container("master"))
        start = time.monotonic()
        console = Console(self.stack, "standby")
        wait_for("the standby's console answers",
                 lambda: console.get("overview"), 60)
        taken = time.monotonic() - start
        assert self.stack.status("standby")["term"] > term
        run(self.engine.docker, "start", self.stack.container("master"))

        def says_who_leads():
            try:
                status, body = Console(self.stack).ask("/api/v1/overview",
                                                       console.token)
            except (OSError, RuntimeError):
                return None
            return status == 503 and body["detail"]
        said = wait_for("the other console says who leads", says_who_leads, 60)
        wait_for("three workers", lambda: len(
            [x for x in console.workers().values() if x["state"] == "alive"])
            == 3, 60)
        wait_for("all healthy", lambda: not self.stack.unhealthy(), 120)
        return f"it led after {taken:.1f} s; the first then: {said}"
