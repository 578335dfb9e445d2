"""The synchronous unary calls, over one connection."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any, Callable, TypeVar

from ._calls import Call, Page
from ._channel import LEAVES, Server, from_rpc_error, import_grpc, is_closed
from ._credentials import Fingerprint
from ._patience import LONGEST_S, check_seconds

T = TypeVar("T")


class UnaryCalls:
    """Makes calls on a channel that is replaced when it seems dead.

    Safe for concurrent use.
    """

    def __init__(self, server: Server, timeout: float) -> None:
        check_seconds("timeout", 0.001, timeout, LONGEST_S)
        self._server = server
        self._timeout = timeout
        self._lock = threading.Lock()
        self._channel: Any = None
        self._made_of: Fingerprint = ()
        self._closed = False

    def make(self, call: Call[T]) -> T:
        """Makes a call and says what its answer means.

        Raises:
            StreamError: The call did not succeed.
        """
        grpc = import_grpc()
        channel = self._open(grpc)
        metadata = self._server.metadata()  # A StreamError is a ValueError too.
        try:
            answer = channel.unary_unary(call.method)(
                call.request, timeout=self._timeout, metadata=metadata
            )
        except grpc.RpcError as error:
            failure = from_rpc_error(error)
        except ValueError:  # The channel was closed meanwhile.
            raise is_closed() from None
        else:
            return call.parse(answer)
        if failure.code in LEAVES:
            self._leave(channel)
        raise failure

    def pages(self, page: Callable[[str], Call[Page[T]]]) -> Iterator[T]:
        """What is on all pages; each is asked for when it is needed."""
        token = ""
        while True:
            got = self.make(page(token))
            yield from got.items
            token = got.token
            if not token:
                return

    def close(self) -> None:
        """Ends calls that are under way, and refuses others."""
        with self._lock:
            self._closed = True
            channel, self._channel = self._channel, None
        if channel is not None and not self._server.is_fork():
            channel.close()

    def _open(self, grpc: Any) -> Any:
        made_of = self._server.fingerprint()
        with self._lock:
            if self._closed:
                raise is_closed()
            self._server.check_process()
            if self._channel is None or self._made_of != made_of:
                # Calls on the old one go on; it closes when they are done.
                self._channel = self._server.open(grpc)
                self._made_of = made_of
            return self._channel

    def _leave(self, channel: Any) -> None:
        with self._lock:
            if self._channel is channel:
                self._channel = None
