"""The handler that a customer would write with Flask: verify, read, answer.

gunicorn serves it: `gunicorn guide_flask:app`.
"""

from __future__ import annotations

import hashlib
import hmac
import json

from flask import Flask, Response, abort, jsonify, request

SECRET = b"whsec_sample_5f0c2a7e9d41"

app = Flask(__name__)


@app.post("/webhooks/tuco")
def take() -> Response:
    """Takes a delivery in."""
    body = request.get_data()
    expected = hmac.new(SECRET, body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(request.headers["X-Tuco-Signature"], expected):
        abort(401)
    return jsonify(status="accepted", event=json.loads(body)["event"])
