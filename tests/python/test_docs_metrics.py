"""The examples of docs/metrics.md run, as one program, on a file of deliveries."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import example_plots
from event_rows import Row
from test_docs import REPOSITORY, examples

PAGE = REPOSITORY / "docs" / "metrics.md"
NAMES = {
    "MESSAGE_SENT": "message.sent",
    "MESSAGE_FAILED": "message.failed",
    "MESSAGE_FALLBACK": "message.fallback",
    "MESSAGE_OPENED": "message.opened",
    "MESSAGE_REPLY": "message.reply",
}


def body(event: Row) -> str:
    """A body that says what the event does."""
    members: dict[str, Any] = {
        "event": NAMES[event["type"]],
        "timestamp": event["occurred_at"].isoformat(),
        "workspaceId": "org_1",
        "messageId": event["message_id"],
        "campaignId": event["campaign_id"],
        "campaignName": event["campaign_name"],
        "stepIndex": event["message_step_index"],
        "originalMessageId": event["message_in_reply_to"],
        "leadId": "lead-1",
    }
    return json.dumps({k: v for k, v in members.items() if v is not None})


def test_the_examples_run(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    lines = [body(event) for event in example_plots.events()[:3000]]
    (tmp_path / "deliveries.ndjson").write_text("\n".join(lines))
    blocks = examples(PAGE)
    assert len(blocks) > 6
    program = "\n".join(["import matplotlib", "matplotlib.use('Agg')", *blocks])
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    )
    assert "reply_rate of delivered" in done.stdout
