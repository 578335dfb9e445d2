"""What a consumer holds, and what it has to say of it. Pure.

    received ──▶ ready ──take──▶ working ──judge──▶ unanswered ──result──▶ (gone)
                   │                 │                   │
                   └── the connection breaks: the server gives what was held to
                       others; work that has begun goes on, and what was said and
                       not answered is said again.

One thread at a time.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from dataclasses import dataclass
from datetime import timedelta
from typing import Callable, Literal, Union

from ._messages import EventDelivery, NackAction, VerdictOutcome
from ._patience import LONGEST_S, check_seconds, logger
from ._requests import Seconds, to_duration
from ._rpc_messages import (
    Ack,
    ConsumeOpen,
    ConsumeRequest,
    ConsumeResponse,
    Extend,
    NackVerdict,
    Verdict,
)
from ._stream_state import Notice
from ._wire import decode, encode

NackName = Literal["retry", "park", "skip"]
# Of a request.
_VERDICTS_MAX = 1000
# Of several requests as one: fewer verdicts than the server takes, which is 10000.
_JOINED_BYTES = 32 << 10
# The server's own.
_ACK_DEADLINE = timedelta(seconds=30)


class Nack(Exception):  # noqa: N818 - it is a verdict, not an error.
    """Raised by a handler: the event is not done with.

    Attributes:
        action: RETRY: it is delivered again. PARK: it is put aside, for people to
            look at. SKIP: it is dropped as if it was done with.
        retry_after: With RETRY, not before so long from now, at most an hour; None
            is what the subscription's backoff says.
    """

    action: NackAction
    retry_after: timedelta | None

    def __init__(
        self,
        action: NackAction | NackName = "retry",
        retry_after: Seconds | None = None,
    ) -> None:
        super().__init__(action, retry_after)
        self.action = to_action(action)
        self.retry_after = to_duration("retry_after", retry_after)
        if self.retry_after is not None and self.action != NackAction.RETRY:
            raise ValueError("only what is delivered again has a retry_after")


OnError = Union[
    NackAction, NackName, Callable[[EventDelivery, Exception], "Nack | NackName"]
]


def to_action(action: object) -> NackAction:
    """An action, which may be given by its name.

    Raises:
        ValueError: It is none.
    """
    if isinstance(action, NackAction) and action:
        return action
    if isinstance(action, str) and action in ("retry", "park", "skip"):
        return NackAction[action.upper()]
    raise ValueError(f"expected retry, park or skip, found {action!r}")


def verdict_on_error(
    delivery: EventDelivery, error: Exception, on_error: OnError
) -> Nack:
    """What a handler's exception means for the event it had.

    A handler's own Nack is that. Whatever `on_error` raises passes through.
    """
    if isinstance(error, Nack):
        return error
    if callable(on_error) and not isinstance(on_error, NackAction):
        nack = on_error(delivery, error)
        return nack if isinstance(nack, Nack) else Nack(nack)
    nack = Nack(on_error)
    # An exception's text may have personal data in it.
    logger.error(
        "handling event %d failed: %s at %s; %s",
        delivery.event.sequence,
        type(error).__name__,
        _place(error),
        nack.action.name,
    )
    return nack


def _place(error: Exception) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "an unknown place"
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"


def joined(
    first: bytes, more: Callable[[], bytes | None], empty: type[Exception]
) -> tuple[bytes, bool]:
    """Requests that wait to be written, as one: that is how protobuf joins messages.

    Args:
        first: The first of them.
        more: Gives the next one, None behind the last, or raises `empty`.
        empty: Of the queue's kind.

    Returns:
        A request, and whether it is the last one.
    """
    requests = [first]
    size = len(first)
    while size < _JOINED_BYTES:
        try:
            request = more()
        except empty:
            break
        if request is None:
            return b"".join(requests), True
        requests.append(request)
        size += len(request)
    return b"".join(requests), False


@dataclass
class _Work:
    delivery: EventDelivery
    since: float


class ConsumeState:
    """What `Consumer` and `AsyncConsumer` have in common."""

    def __init__(
        self,
        opening: ConsumeOpen,
        extend_max: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        check_seconds("extend_max", 0.0, extend_max, LONGEST_S)
        self._opening = opening
        self._extend_max = extend_max
        self._clock = clock
        self._ack_deadline = _ACK_DEADLINE
        self._ready: deque[EventDelivery] = deque()
        self._working: dict[int, _Work] = {}
        self._unanswered: dict[int, Verdict] = {}
        # Of this call: results that are still to come, for each event.
        self._results_due: Counter[int] = Counter()
        # Acks that a server took no notice of, since it had begun anew meanwhile.
        self._handled: set[int] = set()
        self._notice: Notice | None = None

    @property
    def unanswered(self) -> int:
        """Verdicts that are not known to count."""
        return len(self._unanswered)

    @property
    def extend_every(self) -> float:
        """Seconds between two extensions of what is held."""
        return max(self._ack_deadline.total_seconds() / 3, 0.3)

    def open(self) -> list[bytes]:
        """The first requests of a call."""
        self._ready.clear()
        self._handled.clear()
        self._results_due.clear()
        said = list(self._unanswered.values())
        first = self._say(said[:_VERDICTS_MAX], self._opening)
        rest = range(_VERDICTS_MAX, len(said), _VERDICTS_MAX)
        return [first, *(self._say(said[at : at + _VERDICTS_MAX]) for at in rest)]

    def received(self, data: bytes) -> list[bytes]:
        """Takes a response.

        Returns:
            What to say at once.

        Raises:
            WireError: It is none.
        """
        response = decode(ConsumeResponse, data)
        if response.opened is not None and response.opened.subscription is not None:
            deadline = response.opened.subscription.ack_deadline
            self._ack_deadline = deadline or _ACK_DEADLINE
        for result in response.results:
            self._answered(result.sequence, result.outcome)
        known = [one for one in response.deliveries if not self._add(one)]
        self._notice = response.gap or response.heartbeat
        verdicts = [self._ack(one.event.sequence) for one in known]
        return [self._say(verdicts)] if verdicts else []

    def next_notice(self) -> Notice | None:
        """What the response said besides."""
        notice, self._notice = self._notice, None
        return notice

    def take(self) -> EventDelivery | None:
        """The next event to work on, if there is one."""
        if not self._ready:
            return None
        delivery = self._ready.popleft()
        self._working[delivery.event.sequence] = _Work(delivery, self._clock())
        return delivery

    def ack(self, delivery: EventDelivery) -> bytes:
        """The event is done with; what to say."""
        self._working.pop(delivery.event.sequence, None)
        return self._say([self._ack(delivery.event.sequence)])

    def nack(self, delivery: EventDelivery, nack: Nack) -> bytes:
        """It is not; what to say."""
        sequence = delivery.event.sequence
        self._working.pop(sequence, None)
        verdict = Verdict(sequence, nack=NackVerdict(nack.action, nack.retry_after))
        self._unanswered[sequence] = verdict
        return self._say([verdict])

    def give_back(self, delivery: EventDelivery) -> None:
        """Nothing is said of it: it goes to others when the call ends."""
        self._working.pop(delivery.event.sequence, None)

    def extend(self) -> list[bytes]:
        """What to say so that what is held stays here."""
        latest = self._clock() - self._extend_max
        held = [one.event.sequence for one in self._ready]
        held += [
            sequence for sequence, work in self._working.items() if work.since > latest
        ]
        verdicts = [Verdict(sequence, extend=Extend()) for sequence in held]
        starts = range(0, len(verdicts), _VERDICTS_MAX)
        return [self._say(verdicts[at : at + _VERDICTS_MAX]) for at in starts]

    def _add(self, delivery: EventDelivery) -> bool:
        """Takes a delivery; False for one that was handled before."""
        sequence = delivery.event.sequence
        if sequence in self._handled:
            return False
        # One that comes again while it is worked on is not worked on twice.
        if sequence not in self._working:
            self._ready.append(delivery)
        return True

    def _ack(self, sequence: int) -> Verdict:
        verdict = Verdict(sequence, ack=Ack())
        self._unanswered[sequence] = verdict
        return verdict

    def _say(
        self, verdicts: list[Verdict], opening: ConsumeOpen | None = None
    ) -> bytes:
        self._results_due.update(verdict.sequence for verdict in verdicts)
        return encode(ConsumeRequest(opening, tuple(verdicts)))

    def _answered(self, sequence: int, outcome: VerdictOutcome) -> None:
        self._results_due[sequence] -= 1
        # The result of an extension looks like that of the verdict behind it.
        if self._results_due[sequence] > 0:
            return
        del self._results_due[sequence]
        verdict = self._unanswered.pop(sequence, None)
        if verdict is None or outcome <= VerdictOutcome.SETTLED:
            return
        logger.info("event %d may be handled again: %s", sequence, outcome.name)
        if verdict.ack is not None and outcome == VerdictOutcome.NOT_DELIVERED:
            self._handled.add(sequence)
