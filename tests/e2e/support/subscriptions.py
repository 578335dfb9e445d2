"""Calls that keep subscriptions, with their requests' fields by name."""

from typing import Any

from support.client import Client
from support.protos import duration, field_mask, service
from support.wait import DEADLINE_S

CURSOR = service.SUBSCRIPTION_MODE_CURSOR
SHARED = service.SUBSCRIPTION_MODE_SHARED


def seconds(count: int) -> Any:
    """A Duration."""
    return duration.Duration(seconds=count)


class Subscriptions:
    """What one client keeps."""

    def __init__(self, client: Client) -> None:
        self._stub: Any = client.stub

    def create(self, name: str, mode: int, **fields: Any) -> Any:
        """The answer of CreateSubscription, at the log's beginning unless said."""
        position = {
            key: fields.pop(key)
            for key in ("after_sequence", "anchor", "from_time")
            if key in fields
        }
        return self._stub.CreateSubscription(
            service.CreateSubscriptionRequest(
                subscription=service.Subscription(name=name, mode=mode, **fields),
                **(position or {"anchor": service.ANCHOR_EARLIEST}),
            ),
            timeout=DEADLINE_S,
        ).subscription

    def update(self, name: str, paths: list[str], **fields: Any) -> Any:
        """The answer of UpdateSubscription."""
        return self._stub.UpdateSubscription(
            service.UpdateSubscriptionRequest(
                subscription=service.Subscription(name=name, **fields),
                update_mask=field_mask.FieldMask(paths=paths),
            ),
            timeout=DEADLINE_S,
        ).subscription

    def get(self, name: str) -> Any:
        """The answer of GetSubscription."""
        request = service.GetSubscriptionRequest(name=name)
        return self._stub.GetSubscription(request, timeout=DEADLINE_S).subscription

    def progress(self, name: str) -> Any:
        """How far it has got."""
        return self.get(name).progress

    def list(self, **request: Any) -> Any:
        """The answer of ListSubscriptions."""
        return self._stub.ListSubscriptions(
            service.ListSubscriptionsRequest(**request), timeout=DEADLINE_S
        )

    def delete(self, name: str) -> None:
        """DeleteSubscription."""
        self._stub.DeleteSubscription(
            service.DeleteSubscriptionRequest(name=name), timeout=DEADLINE_S
        )

    def seek(self, name: str, **position: Any) -> Any:
        """The answer of SeekSubscription."""
        return self._stub.SeekSubscription(
            service.SeekSubscriptionRequest(name=name, **position), timeout=DEADLINE_S
        ).subscription

    def list_parked(self, name: str, **request: Any) -> Any:
        """The answer of ListParked."""
        return self._stub.ListParked(
            service.ListParkedRequest(subscription=name, **request), timeout=DEADLINE_S
        )

    def replay(self, name: str, **request: Any) -> Any:
        """The answer of ReplayParked."""
        return self._stub.ReplayParked(
            service.ReplayParkedRequest(subscription=name, **request),
            timeout=DEADLINE_S,
        )

    def acknowledge(self, name: str, through: int) -> int:
        """The answer of Acknowledge."""
        answer = self._stub.Acknowledge(
            service.AcknowledgeRequest(subscription=name, through_sequence=through),
            timeout=DEADLINE_S,
        )
        return int(answer.acknowledged_through)
