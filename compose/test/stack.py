"""The stack under test: Compose, SQL, the master's view, the simulator's."""

import json
import os
import socket
import subprocess
import time
import urllib.request

from engine import HERE, TOP, run

SERVICES = ["kafka", "postgres", "pgadmin", "simulator", "master", "worker",
            "prometheus"]
# Of Kafka with --brokers, and their ports on this machine.
BROKERS = {"kafka": "KAFKA_PORT", "kafka-2": "KAFKA_2_PORT",
           "kafka-3": "KAFKA_3_PORT"}
TICKERS = ["TSLA", "MSFT", "GOOGL", "AAPL", "AMD", "AMZN", "BA", "GOOG",
           "NVDA", "IBM", "INTC", "NFLX"]


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Stack:
    def __init__(self, docker, folder, profiles=(), brokers=False):
        """`brokers`: three of Kafka, by brokers.yml."""
        self.docker = docker
        self.brokers = brokers
        self.profiles = ["demo", "monitoring", *profiles]
        self.project = f"tickerflow-test-{os.getpid()}"
        self.ports = {x: free_port() for x in
                      (*BROKERS.values(), "POSTGRES_HOST_PORT", "PGADMIN_PORT",
                       "SIMULATOR_PORT", "CONSOLE_PORT",
                       "STANDBY_CONSOLE_PORT", "PROMETHEUS_PORT")}
        # A password with signs that shells, URLs and pgpass trip over.
        self.password = "p:a%s/s #7"
        self.env_file = f"{folder}/env"
        with open(self.env_file, "w") as file:
            file.write(f"POSTGRES_PASSWORD='{self.password}'\n"
                       "PGADMIN_PASSWORD=pgadmin-7\n"
                       f"TICKERFLOW_TICKERS={','.join(TICKERS)}\n")
            for name, port in self.ports.items():
                file.write(f"{name}={port}\n")

    def compose(self, *arguments):
        environment = {
            **os.environ, "COMPOSE_ENV_FILE": self.env_file,
            "COMPOSE_PROJECT_NAME": self.project,
            "COMPOSE_PROFILES": ",".join(self.profiles),
            "COMPOSE_MORE_FILES": ":".join(
                [f"{HERE}/stand-ins.yml"]
                + [f"{HERE}/test/brokers.yml"] * self.brokers)}
        for name in ("API_KEY", "POSTGRES_PASSWORD"):
            environment.pop(name, None)
        return run(f"{TOP}/dev", "compose", *arguments, env=environment)

    def up(self, workers):
        more = ["standby"] if "ha" in self.profiles else []
        if self.brokers:
            more += BROKERS.keys() - SERVICES
        self.compose("up", "-d", "--no-build", "--scale", f"worker={workers}",
                     *SERVICES, *more)

    def stop(self):
        self.compose("stop", "-t", "20")

    def down(self, *more):
        # In one go: workers are not asked to hand over to each other.
        self.compose("down", "-t", "20", *more)

    def container(self, service, number=1):
        """Its id, by the labels that every Compose sets."""
        return self.containers(f"com.docker.compose.service={service}",
                               "com.docker.compose.container-number="
                               f"{number}")[0]

    def containers(self, *labels):
        filters = [f"label=com.docker.compose.project={self.project}",
                   *(f"label={x}" for x in labels)]
        return run(self.docker, "ps", "-aq", *(
            y for x in filters for y in ("--filter", x))).split()

    def inspect(self, container, template):
        return run(self.docker, "inspect", "-f", template, container).strip()

    def unhealthy(self):
        """Names and states of running services that are not (yet) healthy."""
        result = []
        for x in self.containers():
            name, state, health, code = self.inspect(
                x, "{{.Name}} {{.State.Status}} "
                "{{if .State.Health}}{{.State.Health.Status}}{{else}}none"
                "{{end}} {{.State.ExitCode}}").split()
            done = any(x in name for x in ("init", "certificates"))
            if done and (state, code) == ("exited", "0"):
                continue
            if (state, health) != ("running", "healthy"):
                result.append(f"{name[1:]} {state} {health}")
        return result

    def sql(self, script, document=None):
        """The last statement's rows as text, columns parted by "|".

        A JSON document is what "copy ... from stdin" in the script reads.
        """
        if document is not None:
            # One line of COPY's text form, then its end.
            line = json.dumps(document).replace("\\", "\\\\")
            script = script.replace("from stdin;", f"from stdin;\n{line}\n\\.")
        result = subprocess.run(
            [self.docker, "exec", "-i", self.container("postgres"), "psql",
             "-U", "tickerflow", "-d", "stock_data", "-qAtX", "-v",
             "ON_ERROR_STOP=1"], text=True, input=script + ";\n",
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if result.returncode:
            raise RuntimeError(result.stderr)
        return result.stdout.strip()

    def bars(self):
        try:
            return int(self.sql("select count(*) from market.bar"))
        except (RuntimeError, ValueError, IndexError):
            return 0

    def status(self, service="master"):
        """The leader's view, or nothing if it does not answer."""
        try:
            return json.loads(run(self.docker, "exec", self.container(service),
                                  "tickerflow", "status", "--json"))
        except (RuntimeError, ValueError, IndexError):
            return {"nodes": [], "shards": [], "term": 0}

    def simulator(self, path, body=None):
        url = f"http://127.0.0.1:{self.ports['SIMULATOR_PORT']}/sim/{path}"
        request = urllib.request.Request(
            url, body and json.dumps(body).encode())
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def leftovers(self):
        """What the project still has in the engine."""
        label = f"label=com.docker.compose.project={self.project}"
        result = []
        for kind in ("container", "volume", "network"):
            more = ["-a"] if kind == "container" else []
            result += [f"{kind} {x}" for x in run(
                self.docker, kind, "ls", "-q", *more, "--filter",
                label).split()]
        return result

    def network(self):
        return f"{self.project}_tickerflow"


# Limits are for a machine that does nothing else; another one takes longer
# without anything being wrong.
PATIENCE = float(os.environ.get("COMPOSE_TEST_PATIENCE", "4"))


def wait_for(what, condition, seconds):
    """Returns the condition's first true value; raises after the time."""
    seconds *= PATIENCE
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.5)
