"""From how a call ended to a StreamError. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping

from .._errors import StatusCode, StreamError
from ._status_messages import BadRequest, ErrorInfo, RpcStatus
from ._wire import WireError, decode

DETAILS_KEY = "grpc-status-details-bin"

_CLIENTS_OWN = "report this to whoever runs the server, with its log"
_ADVICE = {
    StatusCode.CANCELLED: "the call was ended on purpose; open it again if needed",
    StatusCode.UNKNOWN: _CLIENTS_OWN,
    StatusCode.INVALID_ARGUMENT: "correct the argument",
    StatusCode.DEADLINE_EXCEEDED: (
        "see whether the server runs and is not overloaded, and whether the network "
        "between lets everything through"
    ),
    StatusCode.NOT_FOUND: "see what there is, with list_events or list_subscriptions",
    StatusCode.ALREADY_EXISTS: "use what is there, or another name",
    StatusCode.PERMISSION_DENIED: (
        "use a token whose scopes, endpoints and workspaces allow this"
    ),
    StatusCode.RESOURCE_EXHAUSTED: "ask for less at once, or remove what is not needed",
    StatusCode.FAILED_PRECONDITION: "see what the server's state is",
    StatusCode.ABORTED: (
        "another reader has come, or the subscription was moved or deleted: "
        "find out which before reading on"
    ),
    StatusCode.OUT_OF_RANGE: "ask for what the log has; get_status tells",
    StatusCode.UNIMPLEMENTED: (
        "see whether the address is that of a tuco-events server, and as new as "
        "this client"
    ),
    StatusCode.INTERNAL: _CLIENTS_OWN,
    StatusCode.UNAVAILABLE: (
        "see whether the server runs, listens at this address, and has the same "
        "settings for TLS"
    ),
    StatusCode.DATA_LOSS: (
        "the log is damaged: keep a copy of it and restore the latest backup"
    ),
    StatusCode.UNAUTHENTICATED: (
        "give a token that the server knows: token= or token_file="
    ),
}

# How calls end that opening them again would not mend. ABORTED: another reader
# took the subscription over, and would be thrown out in turn.
FINAL = frozenset(
    {
        StatusCode.INVALID_ARGUMENT,
        StatusCode.OUT_OF_RANGE,
        StatusCode.FAILED_PRECONDITION,
        StatusCode.NOT_FOUND,
        StatusCode.DATA_LOSS,
        StatusCode.UNIMPLEMENTED,
        StatusCode.UNAUTHENTICATED,
        StatusCode.PERMISSION_DENIED,
        StatusCode.ABORTED,
    }
)


def to_error(code: int, message: str, details: bytes | None = None) -> StreamError:
    """What a call ended with, as an exception.

    Args:
        code: gRPC's number; one that is none counts as UNKNOWN.
        message: What the server said.
        details: The trailer DETAILS_KEY, which may be anything.
    """
    try:
        known = StatusCode(code)
    except ValueError:
        known = StatusCode.UNKNOWN
    info, field = _read_details(details or b"")
    metadata = {entry.key: entry.value for entry in info.metadata}
    return StreamError(
        known, message, _advice(known, info.reason, metadata), metadata, field
    )


def not_understood(error: WireError) -> StreamError:
    """What a server sent is no message of ours."""
    return StreamError(
        StatusCode.INTERNAL,
        f"the server sent what cannot be read: {error}",
        "see whether the address is that of a tuco-events server",
    )


def _advice(code: StatusCode, reason: str, metadata: Mapping[str, str]) -> str:
    if reason == "POSITION_OUT_OF_RANGE":
        return (
            f"the log has events {metadata.get('earliest')} to {metadata.get('head')}: "
            "begin at one of these, or with start='earliest'"
        )
    if reason == "EPOCH_UNKNOWN":
        return (
            "this is another log than the one the position is of: see what happened "
            "to the server's data, then begin anew with start='earliest'"
        )
    if reason == "NOT_DELIVERED":
        return f"acknowledge at most {metadata.get('delivered')}"
    return _ADVICE.get(code, "")


def _read_details(data: bytes) -> tuple[ErrorInfo, str | None]:
    """What we know of the details; rubbish in them hides no error."""
    info, field = ErrorInfo(), None
    try:
        for detail in decode(RpcStatus, data).details:
            name = detail.type_url.rpartition("/")[2]
            if name == "google.rpc.ErrorInfo":
                info = decode(ErrorInfo, detail.value)
            elif name == "google.rpc.BadRequest":
                for violation in decode(BadRequest, detail.value).field_violations:
                    field = violation.field
    except WireError:
        pass
    return info, field
