"""Takes Tuco's deliveries with FastAPI, and prints what comes.

    pip install "tuco-events[fastapi]" uvicorn
    TUCO_WEBHOOK_SECRET=… uvicorn --app-dir examples/python fastapi_webhook:app

Tuco posts to http://HOST:8000/webhooks/tuco then.
"""

import os
from typing import Annotated

from fastapi import Depends, FastAPI
from tuco_events import Event
from tuco_events.fastapi import Webhook


def secrets() -> list[str]:
    """The webhook's secret; while it is being changed the old one behind it."""
    names = ("TUCO_WEBHOOK_SECRET", "TUCO_WEBHOOK_SECRET_OLD")
    return [os.environ[name] for name in names if name in os.environ]


app = FastAPI()
tuco = Webhook(secrets)


@app.post("/webhooks/tuco", status_code=204)
async def receive(event: Annotated[Event, Depends(tuco)]) -> None:
    """Handles one genuine delivery; it may come again, under the same key."""
    print(event.idempotency_key, event.type.name, event.message.id, flush=True)
