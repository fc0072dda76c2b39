#!/usr/bin/env python3
"""Quick checks of the compose files, without an engine.

Every setting of .env.example reaches the nodes, or is named below with the
reason; Compose accepts each profile and all of them together; the checks of
./dev compose give one clear line. Exit code 77 (skipped) without Compose.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TOP = os.path.dirname(HERE)

# Set by compose.yml itself, since containers decide them.
OWN = {"TICKERFLOW_KAFKA", "TICKERFLOW_POSTGRES", "POSTGRES_HOST",
       "POSTGRES_PORT", "TICKERFLOW_LISTEN", "TICKERFLOW_MASTER",
       "TICKERFLOW_NODE", "TICKERFLOW_TLS_CERT", "TICKERFLOW_TLS_KEY",
       "TICKERFLOW_TLS_CA", "TICKERFLOW_CONSOLE_LISTEN",
       "TICKERFLOW_CONSOLE_TOKEN_FILE", "TICKERFLOW_CONSOLE_CERTIFICATE",
       "TICKERFLOW_CONSOLE_VIEWER_TOKEN_FILE", "TICKERFLOW_CONSOLE_KEY"}
# Of one broker without passwords, of a folder or of a file on the host, of the
# command line.
NOT_HERE = {"TICKERFLOW_KAFKA_REPLICATION", "TICKERFLOW_KAFKA_PROPERTIES",
            "TICKERFLOW_API_CA_FILE", "TICKERFLOW_DATA_DIR",
            "TICKERFLOW_CONFIG", "COMPOSE_FILE", "TICKERFLOW_CONSOLE_URL",
            "TICKERFLOW_CONSOLE_CA_FILE", "TICKERFLOW_CONSOLE_TOKEN"}


def read(path):
    with open(f"{TOP}/{path}") as file:
        return file.read()


def settings_reach_the_nodes():
    named = set(re.findall(r"^#?([A-Z][A-Z_]+)=", read(".env.example"), re.M))
    # compose.yml and its overlays use what is set for them in ${...}.
    files = "".join(read(f"compose/{x}") for x in
                    ("compose.yml", "demo.yml", "multi-host/data.yml",
                     "multi-host/master.yml", "run.sh"))
    lost = [x for x in sorted(named - OWN - NOT_HERE) if x not in files]
    return [f"{x} is in .env.example, but compose.yml does not pass it on"
            for x in lost]


def compose(arguments, lines):
    """Runs ./dev compose with a .env of these lines."""
    with tempfile.NamedTemporaryFile("w", suffix=".env") as file:
        file.write("\n".join(lines) + "\n")
        file.flush()
        environment = {x: y for x, y in os.environ.items() if x not in
                       ("API_KEY", "POSTGRES_PASSWORD", "COMPOSE_PROFILES")}
        return subprocess.run(
            ["bash", f"{HERE}/run.sh", *arguments], text=True,
            env={**environment, "COMPOSE_ENV_FILE": file.name},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def profiles_are_accepted():
    good = ["API_KEY=k", "POSTGRES_PASSWORD='p w'"]
    names = ("demo", "ha", "secure", "monitoring")
    for some in ((), *((x,) for x in names), names):
        arguments = [x for y in some for x in ("--profile", y)]
        result = compose([*arguments, "config", "-q"], good)
        if result.returncode:
            yield f"profiles {some}: {result.stdout}"


def mistakes_give_one_line():
    for lines, arguments, wanted in (
            ([], ["up"], "API_KEY is not set"),
            (["API_KEY=k"], ["up"], "POSTGRES_PASSWORD is not set"),
            (["POSTGRES_PASSWORD=p"], ["up"], "API_KEY is not set"),
            (["API_KEY=k"], ["--profile", "nope", "up"], "no profile")):
        result = compose(arguments, lines)
        if result.returncode == 0 or wanted not in result.stdout \
                or len(result.stdout.splitlines()) != 1:
            yield f"{lines} {arguments}: {result.stdout!r}"


def multi_host_is_accepted():
    tool = ["docker-compose"] if shutil.which("docker-compose") else [
        "docker", "compose"]
    with tempfile.NamedTemporaryFile("w", suffix=".env") as file:
        file.write("API_KEY=k\nPOSTGRES_PASSWORD=p\nDATA_HOST=h\n"
                   "DATA_ADDRESS=127.0.0.1\nMASTER_ADDRESS=127.0.0.1\n"
                   "TICKERFLOW_KAFKA=h:9095\nTICKERFLOW_MASTER=m:4711\n")
        file.flush()
        for files in (["compose.yml", "multi-host/data.yml"],
                      ["multi-host/master.yml"], ["multi-host/worker.yml"]):
            result = subprocess.run(
                [*tool, "--env-file", file.name,
                 *(x for y in files for x in ("-f", f"{HERE}/{y}")),
                 "config", "-q"], text=True,
                env={**os.environ, "NODE_ENV_FILE": file.name},
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            if result.returncode:
                yield f"{files}: {result.stdout}"


def main():
    faults = list(settings_reach_the_nodes())
    have_compose = shutil.which("docker-compose") or (
        shutil.which("docker") and subprocess.run(
            ["docker", "compose", "version"], stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL).returncode == 0)
    if have_compose:
        faults += profiles_are_accepted()
        faults += mistakes_give_one_line()
        faults += multi_host_is_accepted()
    for x in faults:
        print(x)
    if faults:
        return 1
    print("compose files are right" if have_compose else "no Compose here")
    return 0 if have_compose else 77


if __name__ == "__main__":
    sys.exit(main())
