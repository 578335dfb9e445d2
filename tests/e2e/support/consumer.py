"""A consumer of a SHARED subscription: one call of Consume."""

from collections import deque
from queue import SimpleQueue
from types import TracebackType
from typing import Any

from support.client import Client
from support.protos import duration, service
from support.wait import DEADLINE_S

# Events as (sequence, attempt).
Taken = list[tuple[int, int]]


class Consumer:
    """Opens, and says and reads what a test tells it to; a context manager."""

    def __init__(self, client: Client, subscription: str, **open_fields: Any) -> None:
        self._requests: SimpleQueue[Any] = SimpleQueue()
        self.call: Any = client.stub.Consume(
            iter(self._requests.get, None), timeout=2 * DEADLINE_S
        )
        verdicts = open_fields.pop("verdicts", [])
        opening = service.ConsumeOpen(subscription=subscription, **open_fields)
        self.say(open=opening, verdicts=verdicts)
        self._delivered: deque[Any] = deque()
        self._outcomes: dict[int, str] = {}

    def __enter__(self) -> "Consumer":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.call.cancel()
        self._requests.put(None)

    def opened(self) -> Any:
        """Reads the first response: the subscription."""
        return next(self.call).opened.subscription

    def say(self, **request: Any) -> None:
        """Sends a ConsumeRequest; its fields by name."""
        self._requests.put(service.ConsumeRequest(**request))

    def judge(self, *verdicts: Any) -> None:
        """Sends verdicts."""
        self.say(verdicts=verdicts)

    def read(self) -> Any:
        """Reads one response, and remembers what is in it."""
        response = next(self.call)
        self._delivered.extend(response.deliveries)
        for result in response.results:
            name = service.VerdictOutcome.Name(result.outcome)
            self._outcomes[result.sequence] = name.removeprefix("VERDICT_OUTCOME_")
        return response

    def deliveries(self, count: int) -> list[Any]:
        """The next `count` deliveries."""
        while len(self._delivered) < count:
            self.read()
        return [self._delivered.popleft() for _ in range(count)]

    def take(self, count: int) -> Taken:
        """Their sequences and attempts."""
        return [(one.event.sequence, one.attempt) for one in self.deliveries(count)]

    def outcome(self, sequence: int) -> str:
        """What became of the newest verdict on an event."""
        while sequence not in self._outcomes:
            self.read()
        return self._outcomes.pop(sequence)

    def ack(self, *sequences: int) -> list[str]:
        """Acknowledges events; what became of that."""
        self.judge(*(ack(sequence) for sequence in sequences))
        return [self.outcome(sequence) for sequence in sequences]

    def finish(self) -> Any:
        """Says no more, reads to the end; the call's code."""
        self._requests.put(None)
        for _ in self.call:
            pass
        return self.call.code()


def ack(sequence: int) -> Any:
    """The verdict that an event is done with."""
    return service.Verdict(sequence=sequence, ack=service.Ack())


def retry(sequence: int, after_s: int = 0) -> Any:
    """The verdict that an event is to come again."""
    nack = service.Nack(retry_after=duration.Duration(seconds=after_s))
    return service.Verdict(sequence=sequence, nack=nack)


def park(sequence: int) -> Any:
    """The verdict that an event is to be put aside."""
    nack = service.Nack(action=service.NACK_ACTION_PARK)
    return service.Verdict(sequence=sequence, nack=nack)


def skip(sequence: int) -> Any:
    """The verdict that an event is dropped."""
    nack = service.Nack(action=service.NACK_ACTION_SKIP)
    return service.Verdict(sequence=sequence, nack=nack)


def extend(sequence: int, seconds: int) -> Any:
    """The verdict that more time is needed."""
    more = service.Extend(deadline=duration.Duration(seconds=seconds))
    return service.Verdict(sequence=sequence, extend=more)
