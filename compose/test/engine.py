"""A Docker engine and the images that the test needs, whatever is there.

An engine that runs is used; else one is started, and stopped at the end. What
cannot be pulled is made: the base image by debootstrap, Kafka from Maven
Central, pgAdmin from PyPI, PostgreSQL and Prometheus from Debian.
"""

import os
import re
import shutil
import subprocess
import time

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TOP = os.path.dirname(HERE)
BASE = "debian:bookworm-slim"
PGADMIN = "pgadmin4==9.8"  # as pinned in compose.yml
STAND_INS = ("kafka", "postgres", "pgadmin", "prometheus")


def say(text):
    print(text, flush=True)


def run(*command, **more):
    """Runs a command, returns its output; raises with its errors if it fails."""
    result = subprocess.run(command, text=True, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, **more)
    if result.returncode:
        raise RuntimeError(f"{' '.join(command)}: exit {result.returncode}\n"
                           f"{result.stdout[-2000:]}{result.stderr[-2000:]}")
    return result.stdout


def works(*command):
    try:
        return subprocess.run(command, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL,
                              timeout=60).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def cache_folder():
    named = os.environ.get("TICKERFLOW_CACHE")
    folder = named or ("/var/cache/tickerflow" if os.geteuid() == 0
                       else os.path.expanduser("~/.cache/tickerflow"))
    os.makedirs(folder, exist_ok=True)
    return folder


def install_packages():
    need = {"dockerd": "docker.io", "docker-compose": "docker-compose",
            "debootstrap": "debootstrap", "java": "default-jre-headless",
            "mvn": "maven", "chromium": "chromium", "node": "nodejs",
            "npm": "npm", "kcat": "kcat"}
    missing = [package for program, package in need.items()
               if not shutil.which(program)]
    if works("docker", "info"):
        missing = [x for x in missing if x not in ("docker.io", "debootstrap")]
    if works("docker", "compose", "version"):
        missing = [x for x in missing if x != "docker-compose"]
    if not works("python3", "-m", "pip", "--version"):
        missing.append("python3-pip")
    if missing:
        say("installing: " + " ".join(missing))
        run("apt-get", "update", "-qq")
        run("apt-get", "install", "-y", "-qq", "--no-install-recommends",
            *missing, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})


class Engine:
    """The engine, and `docker` and `build` for it."""

    def __init__(self):
        install_packages()
        self.process = None
        self.docker = None
        if not works("docker", "info"):
            self.start()
        self.docker = self.client_that_builds()

    def start(self):
        folder = os.path.join(cache_folder(), "docker")
        os.makedirs(folder, exist_ok=True)
        socket = f"unix://{folder}/docker.sock"
        say("no Docker engine runs: starting one")
        with open(f"{folder}/dockerd.log", "w") as log:
            self.process = subprocess.Popen(
                ["dockerd", "--data-root", f"{folder}/data", "--exec-root",
                 f"{folder}/run", "-p", f"{folder}/docker.pid", "-H", socket],
                stdout=log, stderr=log, start_new_session=True)
        os.environ["DOCKER_HOST"] = socket
        for _ in range(120):
            if works("docker", "info"):
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.5)
        self.stop()
        raise RuntimeError(f"dockerd did not start: see {folder}/dockerd.log")

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait(60)
            self.process = None

    @staticmethod
    def client_that_builds():
        """Clients before 23 have BuildKit built in, later ones need buildx."""
        places = os.environ["PATH"].split(":")
        for client in (f"{place}/docker" for place in places):
            if not os.access(client, os.X_OK):
                continue
            version = re.search(r"version (\d+)", run(client, "--version"))
            if works(client, "buildx", "version") or int(version[1]) < 23:
                os.environ["PATH"] = f"{os.path.dirname(client)}:" + \
                    os.environ["PATH"]
                return client
        raise RuntimeError("this Docker client cannot build by BuildKit: "
                           "install docker-buildx-plugin")

    def build(self, tag, context, *more):
        # What this machine trusts, e.g. the authority of a proxy.
        trusted = "/etc/ssl/certs/ca-certificates.crt"
        if os.path.exists(trusted):
            more = ("--secret", f"id=ca,src={trusted}", *more)
        run(self.docker, "build", "-q", "-t", tag, *more, context,
            env={**os.environ, "DOCKER_BUILDKIT": "1"})

    def has(self, image):
        return works(self.docker, "image", "inspect", image)

    def make_base(self):
        if self.has(BASE):
            return "was there"
        if works("timeout", "40", self.docker, "pull", "-q", BASE):
            return "pulled"
        folder = os.path.join(cache_folder(), "bookworm")
        shutil.rmtree(folder, ignore_errors=True)
        run("nice", "debootstrap", "--variant=minbase", "bookworm", folder)
        for leftover in ("var/cache/apt/archives", "var/lib/apt/lists"):
            shutil.rmtree(f"{folder}/{leftover}", ignore_errors=True)
        # As in Debian's own image: an image that is half built is thrown away.
        with open(f"{folder}/etc/dpkg/dpkg.cfg.d/docker-apt-speedup",
                  "w") as file:
            file.write("force-unsafe-io\n")
        tar = subprocess.Popen(["tar", "-C", folder, "-c", "."],
                               stdout=subprocess.PIPE)
        run(self.docker, "import", "--change", 'CMD ["bash"]', "-", BASE,
            stdin=tar.stdout)
        shutil.rmtree(folder)
        return "made by debootstrap"

    def has_stand_ins(self):
        return all(self.has(f"tickerflow-stand-in-{x}") for x in STAND_INS)

    def make_stand_ins(self, folder):
        """Builds them; `folder` gets the builds' contexts."""
        shutil.copytree(f"{HERE}/stand-ins", folder)
        shutil.copytree(kafka_libraries(), f"{folder}/kafka/libs")
        shutil.copytree(pgadmin_wheels(), f"{folder}/pgadmin/wheels")
        for name in STAND_INS:
            self.build(f"tickerflow-stand-in-{name}", f"{folder}/{name}")


def kafka_libraries():
    """The jars, from the cache that "tickerflow demo" fills as well."""
    folder = os.path.join(cache_folder(), "kafka-3.9.1")
    if not os.path.isdir(f"{folder}/libs"):
        work = f"{folder}.part"
        shutil.rmtree(work, ignore_errors=True)
        os.makedirs(work)
        shutil.copy(f"{TOP}/io/local_servers/kafka.pom.xml", f"{work}/pom.xml")
        run("mvn", "-q", "-B", "org.apache.maven.plugins:"
            "maven-dependency-plugin:3.6.1:copy-dependencies",
            "-DoutputDirectory=libs", cwd=work)
        os.rename(work, folder)
    return f"{folder}/libs"


def pgadmin_wheels():
    """For Debian 12's Python; pure ones are made where PyPI has none."""
    folder = os.path.join(cache_folder(), PGADMIN.replace("==", "-"))
    if not os.path.isdir(folder):
        python = next((x for x in ("/usr/bin/python3.11", "python3.11",
                                   "python3") if works(x, "-m", "pip", "-V")))
        shutil.rmtree(f"{folder}.part", ignore_errors=True)
        run(python, "-m", "pip", "wheel", "-q", "-w", f"{folder}.part",
            PGADMIN, "gunicorn", "setuptools")
        os.rename(f"{folder}.part", folder)
    return folder
