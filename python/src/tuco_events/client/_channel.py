"""What both clients know of grpcio: importing it, channels, and its errors."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .._errors import StatusCode, StreamError
from .._optional import optional
from ._address import Address, parse_address
from ._credentials import (
    Fingerprint,
    StrPath,
    Tls,
    Token,
    check_confidential,
    make_tls,
)
from ._status import DETAILS_KEY, to_error

if TYPE_CHECKING:
    import grpc

# A single event may exceed what a batch is limited to: its body is as large as the
# endpoint was configured to take.
_RECEIVE_BYTES_MAX = 64 << 20
# A connection that died without a word is found out by a ping too, where nobody
# reads. The server takes one in 5 minutes without complaint.
_PING_EVERY_MS = 6 * 60 * 1000
_PING_TIMEOUT_MS = 20 * 1000

# Behind these the connection may be dead, or of other certificates.
LEAVES = frozenset({StatusCode.DEADLINE_EXCEEDED, StatusCode.UNAVAILABLE})


def import_grpc() -> Any:
    """The module grpc, with grpc.aio.

    Raises:
        ImportError: It is not installed; the message says how to.
    """
    grpc = optional("grpc", "client")
    optional("grpc.aio", "client")
    return grpc


@dataclass(frozen=True)
class Server:
    """A server and how to speak to it.

    Channels made of it never share a connection, so that a new one is a way out of
    a connection that is dead. Files are read when a channel is made.
    """

    address: Address
    tls: Tls
    token: Token
    process: int

    @classmethod
    def of(
        cls,
        address: str,
        *,
        tls: bool | None,
        ca: StrPath | None,
        cert: StrPath | None,
        key: StrPath | None,
        token: str | None,
        token_file: StrPath | None,
    ) -> Server:
        """Checks the arguments of a client.

        Raises:
            TypeError: One has a wrong type.
            ValueError: One is not what it should be, a file cannot be read, or a
                token would go over a network in the open.
        """
        parsed = parse_address(address)
        how = make_tls(tls, ca, cert, key)
        shown = Token(token, token_file)
        check_confidential(shown, how, parsed)
        how.read()
        shown.current()
        return cls(parsed, how, shown, os.getpid())

    def options(self) -> list[tuple[str, Any]]:
        """A channel's."""
        options: list[tuple[str, Any]] = [
            ("grpc.max_receive_message_length", _RECEIVE_BYTES_MAX),
            ("grpc.use_local_subchannel_pool", 1),
            ("grpc.keepalive_time_ms", _PING_EVERY_MS),
            ("grpc.keepalive_timeout_ms", _PING_TIMEOUT_MS),
            ("grpc.http2.max_pings_without_data", 0),
            # The caller backs off itself; gRPC's own, 2 minutes at most, would add
            # to it.
            ("grpc.initial_reconnect_backoff_ms", 100),
            ("grpc.min_reconnect_backoff_ms", 5000),
            ("grpc.max_reconnect_backoff_ms", 1000),
        ]
        if self.address.is_local:
            # A proxy of the environment cannot reach this machine for us.
            options.append(("grpc.enable_http_proxy", 0))
        return options

    def open(self, module: Any) -> Any:
        """A channel with a connection of its own, which is not made yet.

        Args:
            module: grpc, or grpc.aio.

        Raises:
            StreamError: This process is a fork of the one that made the client, or
                a file of TLS cannot be read.
        """
        self.check_process()
        target, options = self.address.target, self.options()
        if not self.tls.on:
            return module.insecure_channel(target, options=options)
        grpc = import_grpc()
        try:
            read = self.tls.read()
        except ValueError as error:
            raise _unusable(error) from None
        shown = grpc.ssl_channel_credentials(
            read.authorities, read.key, read.certificate
        )
        return module.secure_channel(target, shown, options=options)

    def fingerprint(self) -> Fingerprint:
        """Changes when what a channel was made of does.

        Raises:
            StreamError: A file cannot be read.
        """
        try:
            return self.tls.fingerprint()
        except ValueError as error:
            raise _unusable(error) from None

    def metadata(self) -> list[tuple[str, str]]:
        """What each call shows.

        Raises:
            StreamError: The token's file cannot be read.
        """
        try:
            token = self.token.current()
        except ValueError as error:
            raise _unusable(error) from None
        return [] if token is None else [("authorization", f"Bearer {token}")]

    def is_fork(self) -> bool:
        """Whether this process is a fork of the one that made the client."""
        return os.getpid() != self.process

    def check_process(self) -> None:
        """A fork has none of the threads that connections need.

        Raises:
            StreamError: This process is one.
        """
        if self.is_fork():
            raise StreamError(
                StatusCode.FAILED_PRECONDITION,
                f"this client belongs to process {self.process}, of which this one is "
                "a fork",
                "make the client in the process that uses it, or start processes with "
                "multiprocessing's 'spawn' or 'forkserver'",
            )


def _unusable(error: ValueError) -> StreamError:
    return StreamError(
        StatusCode.UNAUTHENTICATED, str(error), "see that the file is what it should be"
    )


def is_closed() -> StreamError:
    """Somebody uses a client that was closed."""
    return StreamError(StatusCode.CANCELLED, "the client is closed", "make a new one")


def from_rpc_error(error: grpc.RpcError | grpc.aio.AioRpcError) -> StreamError:
    """What grpcio raised, as ours."""
    call: Any = error
    code, message = call.code(), call.details()
    details = None
    for key, value in call.trailing_metadata() or ():
        if key == DETAILS_KEY and isinstance(value, bytes):
            details = value
    number = StatusCode.UNKNOWN if code is None else code.value[0]
    return to_error(number, message or "", details)
