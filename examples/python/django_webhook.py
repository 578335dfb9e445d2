"""Takes Tuco's deliveries with Django, and prints what comes.

    pip install "tuco-events[django]"
    TUCO_WEBHOOK_SECRET=… python examples/python/django_webhook.py runserver

Tuco posts to http://HOST:8000/webhooks/tuco then. This is a whole project in one
file; in one of your own, `receive` goes to views.py and its path to urls.py.
"""

import os
import sys

from django.conf import settings
from django.core.management import execute_from_command_line
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest
from django.urls import path
from tuco_events import Event
from tuco_events.django import webhook


def secrets() -> list[str]:
    """The webhook's secret; while it is being changed the old one behind it."""
    names = ("TUCO_WEBHOOK_SECRET", "TUCO_WEBHOOK_SECRET_OLD")
    return [os.environ[name] for name in names if name in os.environ]


@webhook(secrets)
def receive(request: HttpRequest, event: Event) -> None:
    """Handles one genuine delivery; it may come again, under the same key."""
    print(event.idempotency_key, event.type.name, event.message.id, flush=True)


urlpatterns = [path("webhooks/tuco", receive)]

if not settings.configured:
    settings.configure(ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__)
application = get_wsgi_application()

if __name__ == "__main__":
    execute_from_command_line(sys.argv)
