"""Servers under load: ours and the peers', each in a process of its own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from rows.peers import go, node
from rows.process import Process, output_of
from rows.settings import BrokenError, Settings

# What deliveries are signed with: bench/numbered_bodies.h.
SECRET = "whsec_sample_5f0c2a7e9d41"
# How long a load may take beyond its time.
GRACE_SECONDS = 60.0


@dataclass(frozen=True)
class Answers:
    """What a load saw."""

    per_second: float
    p99_ms: float
    # What the server's process had of the processors for one.
    cpu_us: float


def cpu_seconds_of(pid: int) -> float:
    """What a process's threads have had of the processors so far."""
    # Its clock, as clock_getcpuclockid(3) names it. /proc/PID/stat counts ticks of
    # ten milliseconds, of which a short round may see none.
    return time.clock_gettime(~pid << 3 | 2)


class Server(Process):
    """A server, and what has been posted to it."""

    port = 0
    answered = 0

    def cpu_seconds(self) -> float:
        """What its threads have had of the processors so far."""
        return cpu_seconds_of(self.pid)

    def check(self) -> None:
        """BrokenError unless the server kept what it answered."""
        raise NotImplementedError


class OurServer(Server):
    """`tuco-events serve`, everything on."""

    def __init__(
        self,
        name: str,
        settings: Settings,
        *,
        data: Path | None = None,
        syncing: bool = True,
    ) -> None:
        program = settings.build.parent / "bin" / "tuco-events"
        folder = data or settings.new_folder()
        self.wal = folder / "events.db-wal"
        self._syncing = syncing
        loopback = "127.0.0.1:0"
        listeners = ["--http", loopback, "--grpc", loopback, "--admin", loopback]
        super().__init__(
            name,
            [str(program), "serve", "--data", str(folder), *listeners],
            env={"TUCO_WEBHOOK_SECRET": SECRET}
            | ({} if syncing else no_sync(settings)),
            stderr=settings.work / "server.stderr",
        )

    def greet(self) -> None:
        """Waits until the server is ready."""
        ready = json.loads(self.read_line())
        self.ready_seconds = time.monotonic() - self.began
        self.port = int(ready["http"].rpartition(":")[2])
        self.grpc = str(ready["grpc"])
        self._admin = f"http://{ready['admin']}"
        # The system goes on without a library that it cannot load.
        loaded = "no_sync.so" in Path(f"/proc/{self.pid}/maps").read_text()
        if loaded == self._syncing:
            raise BrokenError(f"{self.name}: no_sync.so loaded: {loaded}")

    def check(self) -> None:
        """BrokenError unless each answer was for an event of its own."""
        metrics = self._get("/metrics")
        [head] = re.findall(r"^tuco_log_head_sequence (\S+)$", metrics, re.MULTILINE)
        if int(float(head)) != self.answered:
            raise BrokenError(
                f"{self.name} answered {self.answered} deliveries and has {head} events"
            )

    def wait_until_live(self) -> float:
        """Seconds from the start until /readyz says so."""
        while True:
            try:
                self._get("/readyz")
            except urllib.error.HTTPError as error:
                if error.code != 503:
                    raise
            else:
                return time.monotonic() - self.began
            if time.monotonic() - self.began > GRACE_SECONDS:
                raise BrokenError(f"{self.name} does not become ready")
            time.sleep(0.002)

    def resident_bytes(self) -> int:
        """What it has in memory."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGESIZE")

    def _get(self, path: str) -> str:
        try:
            with urllib.request.urlopen(self._admin + path, timeout=10) as answer:
                return str(answer.read().decode())
        except urllib.error.HTTPError:
            raise
        except OSError as error:
            raise BrokenError(f"{self.name} is not there: {error}") from None


class Peer(Server):
    """A handler that appends bodies to a journal."""

    def __init__(self, name: str, command: list[str], settings: Settings) -> None:
        self._journal = settings.new_folder() / "journal"
        self._body_bytes = settings.body.stat().st_size
        super().__init__(name, [*command, str(self._journal)], stdin=subprocess.PIPE)

    def greet(self) -> None:
        """Waits until the server is ready."""
        self.port = int(self.read_line())

    def check(self) -> None:
        """BrokenError unless the journal holds each body that was answered."""
        kept = self._journal.stat().st_size // (self._body_bytes + 1)
        if kept < self.answered:
            raise BrokenError(
                f"{self.name} answered {self.answered} deliveries and kept {kept}"
            )


def node_peer(settings: Settings) -> Peer:
    """The handler in Node."""
    return Peer("Node", node("durable"), settings)


def go_peer(settings: Settings) -> Peer:
    """The handler in Go."""
    return Peer("Go", go(settings, "durable"), settings)


def no_sync(settings: Settings) -> dict[str, str]:
    """The environment in which a program's syncs do nothing."""
    # A sanitizer otherwise insists on being the first library.
    options = os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"
    return {"LD_PRELOAD": settings.built("no_sync.so"), "ASAN_OPTIONS": options}


def load(
    settings: Settings, server: Server, connections: int, seconds: float
) -> Answers:
    """Posts to a server for some seconds; no body that it has had before."""
    # What other rounds left to be written is not this one's to pay.
    os.sync()
    command = [
        settings.built("http_load"),
        *(str(server.port), str(connections), str(seconds), str(server.answered)),
        str(settings.body),
    ]
    cpu_before = server.cpu_seconds()
    seen = json.loads(output_of(command, seconds + GRACE_SECONDS))
    server.answered += seen["answers"]
    return Answers(
        per_second=seen["answers"] / seen["seconds"],
        p99_ms=seen["p99_us"] / 1e3,
        cpu_us=(server.cpu_seconds() - cpu_before) / seen["answers"] * 1e6,
    )
