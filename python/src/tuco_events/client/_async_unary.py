"""The asynchronous unary calls, over one connection."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Callable, TypeVar

from ._calls import Call, Page
from ._channel import LEAVES, Server, from_rpc_error, import_grpc, is_closed
from ._credentials import Fingerprint
from ._patience import LONGEST_S, check_seconds

T = TypeVar("T")


class AsyncUnaryCalls:
    """Makes calls on a channel that is replaced when it seems dead.

    For one event loop.
    """

    def __init__(self, server: Server, timeout: float) -> None:
        check_seconds("timeout", 0.001, timeout, LONGEST_S)
        self._server = server
        self._timeout = timeout
        self._channel: Any = None
        self._made_of: Fingerprint = ()
        self._closed = False

    async def make(self, call: Call[T]) -> T:
        """Makes a call and says what its answer means.

        Raises:
            StreamError: The call did not succeed.
        """
        grpc = import_grpc()
        channel = self._open(grpc)
        try:
            answer = await channel.unary_unary(call.method)(
                call.request, timeout=self._timeout, metadata=self._server.metadata()
            )
        except grpc.RpcError as error:
            failure = from_rpc_error(error)
        except grpc.aio.UsageError:  # The channel was closed meanwhile.
            raise is_closed() from None
        else:
            return call.parse(answer)
        if failure.code in LEAVES and self._channel is channel:
            self._channel = None
        raise failure

    async def pages(self, page: Callable[[str], Call[Page[T]]]) -> AsyncIterator[T]:
        """What is on all pages; each is asked for when it is needed."""
        token = ""
        while True:
            got = await self.make(page(token))
            for item in got.items:
                yield item
            token = got.token
            if not token:
                return

    async def close(self) -> None:
        """Ends calls that are under way, and refuses others."""
        self._closed = True
        channel, self._channel = self._channel, None
        if channel is not None and not self._server.is_fork():
            await channel.close()

    def _open(self, grpc: Any) -> Any:
        if self._closed:
            raise is_closed()
        made_of = self._server.fingerprint()
        if self._channel is None or self._made_of != made_of:
            # Calls on the old one go on; it closes when they are done.
            self._channel = self._server.open(grpc.aio)
            self._made_of = made_of
        self._server.check_process()
        return self._channel
