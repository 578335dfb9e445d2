"""Clients that post at a steady rate, whether or not they are answered soon."""

import select
import socket
import threading
import time
from dataclasses import dataclass, field

from support.deliveries import reply
from support.server import Server
from support.webhook import connect, read_answer, request_bytes

_CLIENTS = 10


@dataclass
class Served:
    """How deliveries were answered."""

    statuses: dict[int, int] = field(default_factory=dict)
    failures: int = 0
    # Seconds from when each was due to its answer, so that waiting counts.
    latencies: list[float] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many were posted."""
        return sum(self.statuses.values()) + self.failures

    def percentile(self, percent: float) -> float:
        """A percentile of the latencies, in milliseconds."""
        ordered = sorted(self.latencies)
        last = len(ordered) - 1
        return ordered[min(last, int(len(ordered) * percent / 100))] * 1000


def post_steadily(server: Server, rate: float, seconds: float) -> Served:
    """Posts `rate` deliveries a second, each second one on a fresh connection."""
    served = Served()
    lock = threading.Lock()
    begin = time.monotonic() + 0.1
    threads = [
        threading.Thread(
            target=_post, args=(server, served, lock, begin, number, rate, seconds)
        )
        for number in range(_CLIENTS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return served


def _is_closed(idle: socket.socket) -> bool:
    """Whether the server has closed it, which clients see before they use it."""
    return bool(select.select([idle], [], [], 0)[0])


def _post(
    server: Server,
    served: Served,
    lock: threading.Lock,
    begin: float,
    client: int,
    rate: float,
    seconds: float,
) -> None:
    kept = connect(server)
    for number in range(client, int(rate * seconds), _CLIENTS):
        due = begin + number / rate
        time.sleep(max(0.0, due - time.monotonic()))
        try:
            if number // _CLIENTS % 2:
                if _is_closed(kept):
                    kept.close()
                    kept = connect(server)
                kept.sendall(request_bytes(reply()))
                answer = read_answer(kept)
                status = answer.status
                if answer.headers.get("connection") == "close":
                    kept.close()
                    kept = connect(server)
            else:
                with connect(server) as fresh:
                    fresh.sendall(request_bytes(reply()))
                    status = read_answer(fresh).status
        except OSError:
            with lock:
                served.failures += 1
            kept.close()
            kept = connect(server)
            continue
        with lock:
            served.statuses[status] = served.statuses.get(status, 0) + 1
            served.latencies.append(time.monotonic() - due)
    kept.close()
