"""The steps of the test that look at Prometheus."""

import json
import time
import urllib.error
import urllib.parse
import urllib.request

from engine import TOP, run
from stack import wait_for


class MonitoringSteps:
    """Part of the class Test: needs its engine, stack, all_served and node_of."""

    def prometheus(self, path, **parameters):
        """What its API says."""
        url = (f"http://127.0.0.1:{self.stack.ports['PROMETHEUS_PORT']}/api/v1/"
               f"{path}?{urllib.parse.urlencode(parameters)}")
        try:
            with urllib.request.urlopen(url, timeout=20) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as problem:
            raise AssertionError(f"{url}: {problem.read().decode()}") from None

    def scrapes(self, nodes):
        """Whether just so many nodes are scraped, all with success."""
        found = self.prometheus("targets", state="active")["activeTargets"]
        return [x["health"] for x in found] == ["up"] * nodes

    def rules(self):
        return [x for group in self.prometheus("rules")["groups"]
                for x in group["rules"]]

    def monitoring(self):
        """All nodes are scraped; rules and dashboard find what they ask for."""
        masters = 2 if "ha" in self.stack.profiles else 1
        wait_for("Prometheus scrapes masters and workers",
                 lambda: self.scrapes(masters + 3), 60)
        wait_for("all rules were evaluated", lambda: all(
            x["health"] == "ok" for x in self.rules()), 60)
        with open(f"{TOP}/compose/monitoring/grafana/dashboards/"
                  "tickerflow.json") as file:
            panels = json.load(file)["panels"]
        asked = [(panel["title"], target["expr"]) for panel in panels
                 for target in panel.get("targets", [])]

        def unanswered():
            return [f"{title}: {x}" for title, x in asked
                    if not self.prometheus("query", query=x)["result"]]
        # Rates need two scrapes.
        try:
            wait_for("values", lambda: not unanswered(), 15)
        except AssertionError:
            raise AssertionError(
                f"panels without values: {unanswered()}") from None
        return f"{len(self.rules())} rules, {len(asked)} questions of panels"

    def alert(self):
        """A worker hangs: two rules fire, and end when the worker is back."""
        def states():
            return {x["state"] for x in self.rules() if x["name"] in
                    ("TickerflowNodeDown", "TickerflowWorkerLost")}
        container, _ = self.node_of(2)
        run(self.engine.docker, "pause", container)
        try:
            start = time.monotonic()
            wait_for("the alerts fire", lambda: states() == {"firing"}, 120)
            fired = time.monotonic() - start
        finally:
            run(self.engine.docker, "unpause", container)
        wait_for("the alerts end", lambda: states() == {"inactive"}, 60)
        self.all_served(3)
        return f"after {fired:.0f} s"
