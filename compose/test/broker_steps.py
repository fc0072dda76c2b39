"""The steps of the test with three Kafka brokers."""

import json

from engine import run
from stack import BROKERS, wait_for


class BrokerSteps:
    """Part of the class Test: needs its engine, stack and all_served."""

    def replicas(self, asked):
        """Of each partition of the raw topic: ids of brokers with a copy, and
        of those whose copy is complete; as one of the brokers sees it."""
        text = run("kcat", "-b", f"localhost:{self.stack.ports[BROKERS[asked]]}",
                   "-L", "-J", "-t", "stock_analysis")
        return [({y["id"] for y in x["replicas"]}, {y["id"] for y in x["isrs"]})
                for x in json.loads(text)["topics"][0]["partitions"]]

    def in_three_copies(self, asked="kafka"):
        all_three = {1, 2, 3}
        return self.replicas(asked) == [(all_three, all_three)] * 8

    def copies(self):
        wait_for("all copies are complete", self.in_three_copies, 30)

    def kill_brokers(self):
        """One after the other; bars go on while it is away."""
        names = list(BROKERS)
        for broker, other in zip(names, names[1:] + names[:1]):
            container = self.stack.container(broker)
            run(self.engine.docker, "kill", container)
            wait_for(f"{broker} is missed", lambda: all(
                len(complete) == 2 for _, complete in self.replicas(other)),
                60)
            before = self.stack.bars()
            wait_for(f"bars are stored without {broker}",
                     lambda: self.stack.bars() > before + 50, 60)
            run(self.engine.docker, "start", container)
            wait_for(f"{broker} has caught up",
                     lambda: self.in_three_copies(other), 90)
        self.all_served(3)
        return "bars were stored all the while"
