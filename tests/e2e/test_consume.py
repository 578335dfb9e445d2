"""SHARED subscriptions: consumers, honest and not."""

from collections.abc import Callable, Iterator
from typing import Any

import grpc
import pytest

from conftest import StartServer
from support.client import Client, only_detail
from support.consumer import Consumer, ack, extend, park, retry, skip
from support.deliveries import reply
from support.protos import rpc, service
from support.server import Server
from support.subscriptions import CURSOR, SHARED, Subscriptions, seconds
from support.wait import DEADLINE_S, wait_until
from support.webhook import accept_all, metrics


@pytest.fixture
def kept(client: Client) -> Subscriptions:
    """The subscriptions of `server`."""
    return Subscriptions(client)


@pytest.fixture
def post(server: Server) -> Callable[[int], None]:
    """Puts so many more events into the log."""

    def more(count: int) -> None:
        accept_all(server, [reply() for _ in range(count)])

    return more


def end_of(call: Any) -> grpc.RpcError:
    """What a call ends with; what comes before is not looked at."""
    with pytest.raises(grpc.RpcError) as failed:
        for _ in call:
            pass
    return failed.value


def test_every_event_goes_to_one_consumer(
    kept: Subscriptions, client: Client, post: Callable[[int], None]
) -> None:
    post(10)
    kept.create("work", SHARED)
    with (
        Consumer(client, "work", max_outstanding_events=5) as first,
        Consumer(client, "work", max_outstanding_events=5) as second,
    ):
        assert first.opened().name == "work"
        assert second.opened().max_deliveries == 20
        taken = first.take(5) + second.take(5)
        assert sorted(taken) == [(sequence, 1) for sequence in range(1, 11)]
        assert kept.progress("work").outstanding == 10
        assert kept.progress("work").readers == 2
        for one, share in ((first, taken[:5]), (second, taken[5:])):
            assert one.ack(*(sequence for sequence, _ in share)) == ["APPLIED"] * 5
    progress = kept.progress("work")
    assert (progress.settled_through, progress.outstanding) == (10, 0)
    assert progress.lag_events == 0


def test_what_a_killed_consumer_held_goes_to_another(
    kept: Subscriptions, client: Client, post: Callable[[int], None]
) -> None:
    post(3)
    kept.create("work", SHARED)
    first = Consumer(client, "work")
    assert first.opened().name == "work"
    assert first.take(3) == [(1, 1), (2, 1), (3, 1)]
    with Consumer(client, "work") as second:
        assert second.opened().name == "work"
        first.call.cancel()
        assert sorted(second.take(3)) == [(1, 2), (2, 2), (3, 2)]


def test_a_client_that_says_no_more_gets_its_results(
    kept: Subscriptions, client: Client, post: Callable[[int], None]
) -> None:
    post(2)
    kept.create("work", SHARED)
    with Consumer(client, "work") as consumer:
        assert consumer.opened().name == "work"
        assert consumer.take(2) == [(1, 1), (2, 1)]
        consumer.judge(ack(1))
        assert consumer.finish() == grpc.StatusCode.OK
    progress = kept.progress("work")
    assert (progress.settled_through, progress.outstanding) == (1, 0)


def test_an_ack_that_got_lost_may_be_said_again(
    kept: Subscriptions, client: Client, post: Callable[[int], None]
) -> None:
    post(1)
    kept.create("work", SHARED)
    with Consumer(client, "work") as consumer:
        assert consumer.opened().name == "work"
        assert consumer.take(1) == [(1, 1)]
        assert consumer.ack(1) == ["APPLIED"]
        assert consumer.ack(1) == ["SETTLED"]
    # As one does whose connection broke before it had the result.
    with Consumer(client, "work", verdicts=[ack(1)]) as consumer:
        assert consumer.outcome(1) == "SETTLED"


def test_an_event_that_was_handed_on_is_not_judged_by_its_first_consumer(
    kept: Subscriptions, client: Client, post: Callable[[int], None]
) -> None:
    post(1)
    kept.create("work", SHARED)
    with Consumer(client, "work") as first:
        assert first.opened().name == "work"
        assert first.take(1) == [(1, 1)]
    with Consumer(client, "work") as second:
        assert second.opened().name == "work"
        assert second.take(1) == [(1, 2)]
        with Consumer(client, "work", verdicts=[ack(1)]) as late:
            assert late.outcome(1) == "HANDED_ON"
        assert second.ack(1) == ["APPLIED"]


def test_a_late_ack_counts_while_the_event_waits(
    kept: Subscriptions, client: Client, post: Callable[[int], None]
) -> None:
    post(1)
    kept.create("work", SHARED, ack_deadline=seconds(1), backoff_min=seconds(3600))
    with Consumer(client, "work") as consumer:
        assert consumer.opened().name == "work"
        assert consumer.take(1) == [(1, 1)]
        wait_until(lambda: kept.progress("work").waiting == 1, "the deadline")
        assert consumer.ack(1) == ["APPLIED"]
    assert kept.progress("work").settled_through == 1


def test_an_extended_event_stays_with_its_consumer(
    kept: Subscriptions, client: Client, post: Callable[[int], None]
) -> None:
    post(2)
    kept.create("work", SHARED, ack_deadline=seconds(2), backoff_min=seconds(3600))
    with Consumer(client, "work") as consumer:
        assert consumer.opened().name == "work"
        assert consumer.take(2) == [(1, 1), (2, 1)]
        consumer.judge(extend(1, 600))
        assert consumer.outcome(1) == "APPLIED"
        wait_until(lambda: kept.progress("work").waiting == 1, "the deadline of 2")
        assert kept.progress("work").outstanding == 1
        assert consumer.ack(1) == ["APPLIED"]


def test_what_fails_too_often_is_parked_and_replayed(
    server: Server, kept: Subscriptions, client: Client
) -> None:
    poison = reply(message="poison")
    accept_all(server, [poison])
    kept.create("work", SHARED, max_deliveries=3)
    with Consumer(client, "work") as consumer:
        assert consumer.opened().name == "work"
        for attempt in (1, 2, 3):
            assert consumer.take(1) == [(1, attempt)]
            consumer.judge(retry(1))
            assert consumer.outcome(1) == "APPLIED"
        assert kept.progress("work").parked == 1
        [parked] = kept.list_parked("work", include_body=True).events
        assert parked.event.sequence == 1
        assert parked.event.body == poison.body
        assert parked.deliveries == 3
        assert parked.reason == service.PARK_REASON_MAX_DELIVERIES
        assert not parked.replaying
        replayed = kept.replay("work", sequences=[1, 2])
        assert (replayed.replayed, list(replayed.not_parked)) == (1, [2])
        assert consumer.take(1) == [(1, 1)]
        assert kept.list_parked("work").events[0].replaying
        assert consumer.ack(1) == ["APPLIED"]
    assert list(kept.list_parked("work").events) == []
    assert kept.replay("work", all=True).replayed == 0


def test_a_consumer_parks_and_skips(
    kept: Subscriptions, client: Client, post: Callable[[int], None]
) -> None:
    post(3)
    kept.create("work", SHARED)
    with Consumer(client, "work") as consumer:
        assert consumer.opened().name == "work"
        assert len(consumer.take(3)) == 3
        consumer.judge(park(1), skip(2), park(3))
        assert [consumer.outcome(sequence) for sequence in (1, 2, 3)] == ["APPLIED"] * 3
        assert consumer.ack(1) == ["SETTLED"]
    page = kept.list_parked("work", page_size=1)
    assert [parked.event.sequence for parked in page.events] == [1]
    assert page.events[0].reason == service.PARK_REASON_CONSUMER
    page = kept.list_parked("work", page_token=page.next_page_token)
    assert [parked.event.sequence for parked in page.events] == [3]
    assert page.next_page_token == ""


def test_one_event_of_a_lead_at_a_time(
    server: Server, kept: Subscriptions, client: Client
) -> None:
    phones = ["+1", "+1", "+2"]
    accept_all(server, [reply(recipientPhone=phone) for phone in phones])
    kept.create("work", SHARED, ordering_key=service.ORDERING_KEY_PHONE)
    with Consumer(client, "work") as consumer:
        assert consumer.opened().name == "work"
        assert consumer.take(2) == [(1, 1), (3, 1)]
        assert consumer.ack(1) == ["APPLIED"]
        assert consumer.take(1) == [(2, 1)]


def test_what_fells_its_consumers_is_parked(
    kept: Subscriptions, client: Client, post: Callable[[int], None]
) -> None:
    post(1)
    kept.create("work", SHARED, max_deliveries=2)

    def fell_one() -> bool:
        with Consumer(client, "work") as consumer:
            assert consumer.opened().name == "work"
            while not kept.progress("work").outstanding:
                if kept.progress("work").parked:
                    return True
        return False

    wait_until(fell_one, "the event to be parked")
    [parked] = kept.list_parked("work").events
    assert parked.reason == service.PARK_REASON_MAX_DELIVERIES


def test_a_move_settles_what_is_behind_it(
    kept: Subscriptions, client: Client, post: Callable[[int], None]
) -> None:
    post(2)
    kept.create("work", SHARED)
    with Consumer(client, "work") as consumer:
        assert consumer.opened().name == "work"
        assert consumer.take(2) == [(1, 1), (2, 1)]
        kept.seek("work", anchor=service.ANCHOR_LATEST)
        assert consumer.ack(1) == ["SETTLED"]
        post(1)
        assert consumer.take(1) == [(3, 1)]


OPENS: dict[str, tuple[dict[str, Any], str]] = {
    "no name": ({"subscription": ""}, "open.subscription"),
    "no events": ({"max_outstanding_events": 0}, "open.max_outstanding_events"),
    "too many": ({"max_outstanding_events": 10_001}, "open.max_outstanding_events"),
    "no bytes": ({"max_outstanding_bytes": 0}, "open.max_outstanding_bytes"),
    "too large": ({"max_outstanding_bytes": 2**32 - 1}, "open.max_outstanding_bytes"),
}


@pytest.mark.parametrize("name", OPENS)
def test_an_opening_at_fault_is_named(
    kept: Subscriptions, client: Client, name: str
) -> None:
    kept.create("work", SHARED)
    fields, field = OPENS[name]
    with Consumer(client, **({"subscription": "work"} | fields)) as consumer:
        detail = only_detail(end_of(consumer.call), rpc.BadRequest)
        assert detail.field_violations[0].field == field


def test_what_cannot_be_opened(kept: Subscriptions, client: Client) -> None:
    kept.create("crm", CURSOR)
    for name, code in (
        ("crm", grpc.StatusCode.FAILED_PRECONDITION),
        ("other", grpc.StatusCode.NOT_FOUND),
    ):
        with Consumer(client, name) as consumer:
            assert end_of(consumer.call).code() == code


REQUESTS: dict[str, tuple[dict[str, Any], str]] = {
    "opens again": ({"open": service.ConsumeOpen(subscription="work")}, "open"),
    "no event": ({"verdicts": [ack(0)]}, "verdicts.sequence"),
    "no verdict": ({"verdicts": [service.Verdict(sequence=1)]}, "verdicts.verdict"),
    "late for hours": ({"verdicts": [retry(1, 3601)]}, "verdicts.nack.retry_after"),
    "no extension": ({"verdicts": [extend(1, 0)]}, "verdicts.extend.deadline"),
    "too many": ({"verdicts": [ack(1)] * 10_001}, "verdicts"),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_that_is_none_ends_the_call(
    kept: Subscriptions, client: Client, post: Callable[[int], None], name: str
) -> None:
    post(2)
    kept.create("work", SHARED)
    request, field = REQUESTS[name]
    with Consumer(client, "work") as consumer:
        assert consumer.opened().name == "work"
        assert consumer.take(2) == [(1, 1), (2, 1)]
        assert consumer.ack(1) == ["APPLIED"]
        consumer.say(**request)
        detail = only_detail(end_of(consumer.call), rpc.BadRequest)
        assert detail.field_violations[0].field == field
    # What was judged stays judged, and the rest is delivered again.
    with Consumer(client, "work") as consumer:
        assert consumer.opened().name == "work"
        assert consumer.take(1) == [(2, 2)]


def test_what_was_never_delivered_cannot_be_judged(
    kept: Subscriptions, client: Client, post: Callable[[int], None]
) -> None:
    post(1)
    kept.create("work", SHARED)
    with Consumer(client, "work") as consumer:
        assert consumer.opened().name == "work"
        consumer.judge(ack(2), ack(2**64 - 1), extend(77, 600), park(78))
        for sequence in (2, 2**64 - 1, 77, 78):
            assert consumer.outcome(sequence) == "NOT_DELIVERED"
        assert consumer.take(1) == [(1, 1)]


def test_one_that_never_reads_holds_nothing_up(
    kept: Subscriptions, client: Client, post: Callable[[int], None]
) -> None:
    kept.create("work", SHARED)
    with (
        Consumer(client, "work", max_outstanding_events=1),
        Consumer(client, "work") as other,
    ):
        assert other.opened().name == "work"
        wait_until(lambda: kept.progress("work").readers == 2, "both")
        post(20)
        assert len(other.take(19)) == 19


def test_one_that_judges_without_reading_holds_nothing_up(
    server: Server, kept: Subscriptions, client: Client, post: Callable[[int], None]
) -> None:
    post(1)
    kept.create("work", SHARED)
    before = metrics(server)["process_resident_memory_bytes"]
    with Consumer(client, "work") as deaf:
        for _ in range(200):
            deaf.judge(*[ack(sequence) for sequence in range(1_000, 6_000)])
        with Consumer(client, "work") as other:
            assert other.opened().name == "work"
            post(1)
            assert other.take(1)[0][0] in (1, 2)
        after = metrics(server)["process_resident_memory_bytes"]
        # A million results, were they all kept, would take more. AddressSanitizer
        # keeps 256 MiB of what was freed.
        bound = (320 if server.has_runtime("asan") else 64) << 20
        assert after - before < bound


def test_the_end_of_a_subscription_ends_its_consumers(
    kept: Subscriptions, client: Client
) -> None:
    kept.create("work", SHARED)
    with Consumer(client, "work") as consumer:
        assert consumer.opened().name == "work"
        kept.delete("work")
        assert end_of(consumer.call).code() == grpc.StatusCode.ABORTED


def test_metrics_tell(
    server: Server,
    kept: Subscriptions,
    client: Client,
    post: Callable[[int], None],
) -> None:
    post(3)
    kept.create("crm", CURSOR)
    kept.create("work", SHARED, max_deliveries=2)
    with Consumer(client, "work") as consumer:
        assert consumer.opened().name == "work"
        assert len(consumer.take(3)) == 3
        assert consumer.ack(1) == ["APPLIED"]
        consumer.judge(park(2), retry(3))
        assert consumer.outcome(2) == "APPLIED"
        assert consumer.take(1) == [(3, 2)]
        found = metrics(server)
    assert found["tuco_subscriptions"] == 2
    assert found["tuco_subscription_readers"] == 1
    assert found["tuco_subscription_deliveries_total"] == 4
    assert found["tuco_subscription_redeliveries_total"] == 1
    assert found["tuco_subscription_settled_total"] == 1
    assert found["tuco_subscription_parked_total"] == 1
    of = '{subscription="work"}'
    assert found["tuco_subscription_lag_events" + '{subscription="crm"}'] == 3
    assert found["tuco_subscription_oldest_unacknowledged_seconds" + of] > 0
    assert found["tuco_subscription_outstanding_events" + of] == 1
    assert found["tuco_subscription_parked_events" + of] == 1


def test_a_killed_server_keeps_what_it_confirmed(start_server: StartServer) -> None:
    server = start_server()
    accept_all(server, [reply() for _ in range(60)])
    confirmed: set[int] = set()
    with Client(server.grpc) as client:
        Subscriptions(client).create("work", SHARED)
        with Consumer(client, "work") as consumer:
            assert consumer.opened().name == "work"
            taken = [sequence for sequence, _ in consumer.take(60)]
            for start in range(0, 40, 4):
                portion = taken[start : start + 4]
                assert consumer.ack(*portion) == ["APPLIED"] * 4
                confirmed.update(portion)
            # Said, and nobody knows whether it was heard.
            consumer.judge(*(ack(sequence) for sequence in taken[40:50]))
            assert server.kill() == -9
    server = start_server()
    must_come = set(taken[50:])
    with Client(server.grpc) as client:
        kept = Subscriptions(client)
        came: set[int] = set()
        with Consumer(client, "work") as consumer:
            assert consumer.opened().name == "work"
            while not must_come <= came:
                [(sequence, attempt)] = consumer.take(1)
                assert attempt >= 1
                assert consumer.ack(sequence) == ["APPLIED"]
                came.add(sequence)
            wait_until(
                lambda: drained(consumer, kept, came), "everything to be settled"
            )
    assert not came & confirmed
    assert came <= set(taken[40:])


def drained(consumer: Consumer, kept: Subscriptions, came: set[int]) -> bool:
    """Whether nothing is left; what is outstanding is taken and settled first."""
    progress = kept.progress("work")
    if progress.outstanding:
        [(sequence, _)] = consumer.take(1)
        assert consumer.ack(sequence) == ["APPLIED"]
        came.add(sequence)
        return False
    return bool(progress.settled_through == progress.head_sequence)


def test_consumers_are_told_when_the_server_stops(start_server: StartServer) -> None:
    server = start_server()
    with Client(server.grpc) as client:
        Subscriptions(client).create("work", SHARED)
        with Consumer(client, "work") as consumer:
            assert consumer.opened().name == "work"
            assert server.stop() == 0
            assert end_of(consumer.call).code() == grpc.StatusCode.UNAVAILABLE


def test_a_heartbeat_comes(kept: Subscriptions, client: Client) -> None:
    kept.create("work", SHARED)
    with Consumer(client, "work") as consumer:
        assert consumer.opened().name == "work"
        assert consumer.read().WhichOneof("notice") == "heartbeat"


def test_the_first_request_opens(client: Client) -> None:
    requests: Iterator[Any] = iter([service.ConsumeRequest(verdicts=[ack(1)])])
    call = client.stub.Consume(requests, timeout=DEADLINE_S)
    detail = only_detail(end_of(call), rpc.BadRequest)
    assert detail.field_violations[0].field == "open"
