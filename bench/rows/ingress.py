"""Rows 1 and 2: what a delivery costs the processors on its way in."""

from __future__ import annotations

import socket
import subprocess
import time
from pathlib import Path

from rows.durable import OURS, Rounds, Start, our_server, started, take_turns
from rows.goal import Goal
from rows.peers import PEERS, node
from rows.server import GRACE_SECONDS, Server, cpu_seconds_of
from rows.settings import BrokenError, MissingError, Settings, program

CONNECTIONS = 64
NULL_LOG = "with a null log"
# Where the distribution has them.
NODE_MODULES = Path("/usr/share/nodejs")

NGINX = """
daemon off;
master_process off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log crit;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  keepalive_requests 1000000000;
  server {{
    listen 127.0.0.1:{port};
    default_type application/json;
    location / {{ return 200 '{{"status":"accepted"}}'; }}
  }}
}}
"""


class ForgetfulServer(Server):
    """One that keeps nothing, and so has nothing to show."""

    def greet(self) -> None:
        """Waits until the server is ready."""
        self.port = int(self.read_line())

    def check(self) -> None:
        """Nothing to look at."""


class PortServer(ForgetfulServer):
    """One that is told its port, and says nothing."""

    def __init__(
        self, name: str, command: list[str], port: int, stderr: Path | None = None
    ) -> None:
        self._wanted_port = port
        super().__init__(name, command, stderr=stderr)

    def greet(self) -> None:
        """Waits until somebody listens."""
        end = time.monotonic() + GRACE_SECONDS
        while time.monotonic() < end:
            with socket.socket() as tried:
                if tried.connect_ex(("127.0.0.1", self._wanted_port)) == 0:
                    self.port = self._wanted_port
                    return
            time.sleep(0.02)
        raise BrokenError(f"{self.name} does not listen")

    def cpu_seconds(self) -> float:
        """What it and its children have had of the processors so far."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text()
        return sum(map(cpu_seconds_of, [self.pid, *map(int, children.split())]))


def free_port() -> int:
    """One that nobody listens on, at this moment."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


def null_log_server(settings: Settings) -> Server:
    """The ingress and the receiver in front of a log that keeps nothing."""
    command = [settings.built("null_ingress")]
    return ForgetfulServer(NULL_LOG, command, stdin=subprocess.PIPE)


def nginx(settings: Settings) -> Server:
    """nginx, which answers 200 to everything."""
    folder, port = settings.new_folder(), free_port()
    config = folder / "nginx.conf"
    config.write_text(NGINX.format(folder=folder, port=port))
    command = [program("nginx"), "-p", str(folder), "-c", str(config)]
    return PortServer("nginx", command, port, folder / "stderr")


def express(settings: Settings) -> Server:
    """The handler in Express."""
    if not (NODE_MODULES / "express").exists():
        raise MissingError("node-express is not installed: tools/setup dev does that")
    stderr = settings.new_folder() / "stderr"
    return ForgetfulServer(
        "Express",
        node("guide_express"),
        stdin=subprocess.PIPE,
        env={"NODE_PATH": str(NODE_MODULES), "NODE_ENV": "production"},
        stderr=stderr,
    )


def flask(settings: Settings) -> Server:
    """The handler in Flask, served by one worker of gunicorn."""
    gunicorn = program("gunicorn")
    if subprocess.run(
        ["/usr/bin/python3", "-c", "import flask"], check=False, capture_output=True
    ).returncode:
        raise MissingError("python3-flask is not installed: tools/setup dev does that")
    port = free_port()
    command = [gunicorn, "--chdir", str(PEERS), "--bind", f"127.0.0.1:{port}"]
    command += ["--workers", "1", "--worker-class", "gthread", "--threads", "8"]
    command += ["--keep-alive", "75", "--worker-connections", "1000", "guide_flask:app"]
    return PortServer("Flask", command, port, settings.new_folder() / "stderr")


def costs(rounds: Rounds, above: str, below: str) -> list[float]:
    """The ratio of what a request costs two servers, in each round."""
    pairs = zip(rounds[above], rounds[below], strict=True)
    return [a.cpu_us / b.cpu_us for a, b in pairs]


def against_nginx(settings: Settings) -> bool:
    """Row 1."""
    starts: list[Start] = [null_log_server, nginx]
    with started(settings, starts) as servers:
        rounds = take_turns(settings, servers, CONNECTIONS)
    goal = Goal("CPU of a request: ours with a null log ÷ nginx `return 200`", 1.15)
    ratios = costs(rounds, NULL_LOG, "nginx")
    return goal.report(ratios, judged=settings.judged)


def against_frameworks(settings: Settings) -> bool:
    """Row 2."""
    with started(settings, [our_server, express, flask]) as servers:
        rounds = take_turns(settings, servers, CONNECTIONS)
    held = []
    for peer, limit in (("Express", 8), ("Flask", 16)):
        goal = Goal(f"CPU of a request: {peer} ÷ ours, durable", limit, at_least=True)
        ratios = costs(rounds, peer, OURS)
        held.append(goal.report(ratios, judged=settings.judged))
    return all(held)
