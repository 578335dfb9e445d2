"""Takes Tuco's deliveries with Flask, and prints what comes.

    pip install "tuco-events[flask]"
    TUCO_WEBHOOK_SECRET=… flask --app examples/python/flask_webhook.py run

Tuco posts to http://HOST:5000/webhooks/tuco then.
"""

import os

from flask import Flask
from tuco_events import Event
from tuco_events.flask import webhook


def secrets() -> list[str]:
    """The webhook's secret; while it is being changed the old one behind it."""
    names = ("TUCO_WEBHOOK_SECRET", "TUCO_WEBHOOK_SECRET_OLD")
    return [os.environ[name] for name in names if name in os.environ]


app = Flask(__name__)


@app.post("/webhooks/tuco")
@webhook(secrets)
def receive(event: Event) -> None:
    """Handles one genuine delivery; it may come again, under the same key."""
    print(event.idempotency_key, event.type.name, event.message.id, flush=True)
