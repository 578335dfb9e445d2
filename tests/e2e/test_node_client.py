"""Tuco's own runtime: Node signs and posts as Tuco does."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from support.client import Client
from support.deliveries import SECRET
from support.environment import environment
from support.server import Server
from support.wait import DEADLINE_S

NODE = shutil.which("node")

PROGRAM = r"""
import { createHmac } from 'node:crypto';

const payloads = [
  { text: 'plain' },
  { text: 'Voilà 🎉 – “quoted” \\ \u2028 \u0007' },
  { text: '🎉'.slice(0, 1) },
  { text: '', numbers: [1e21, 2 ** 64, -0, 1e-7, 0.1 + 0.2] },
];
for (const [index, { text, ...rest }] of payloads.entries()) {
  const timestamp = new Date().toISOString();
  const body = JSON.stringify({
    event: 'message.reply',
    timestamp,
    workspaceId: 'org_abc123',
    data: { messageId: `msg_${index}`, message: text, ...rest },
  });
  const response = await fetch(process.env.URL_TO_POST_TO, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-tuco-signature':
          createHmac('sha256', process.env.SECRET).update(body).digest('hex'),
      'x-tuco-event': 'message.reply',
      'x-tuco-timestamp': timestamp,
    },
    body,
  });
  console.log(JSON.stringify({
    status: response.status, answer: await response.json(), text,
  }));
}
"""


@pytest.mark.skipif(NODE is None, reason="node is not installed")
def test_what_node_signs_and_fetches_is_accepted(
    server: Server, client: Client, tmp_path: Path
) -> None:
    program = tmp_path / "post.mjs"
    program.write_text(PROGRAM)
    done = subprocess.run(
        [str(NODE), str(program)],
        capture_output=True,
        text=True,
        env=environment({"URL_TO_POST_TO": server.url, "SECRET": SECRET}),
        timeout=DEADLINE_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.split("\n") if line]
    assert [line["status"] for line in lines] == [200] * 4
    assert [line["answer"]["sequence"] for line in lines] == list("1234")
    texts = [event.message.text for event in client.events()]
    # Half an emoji is no text; everything else arrives as it was.
    expected = [line["text"] for line in lines]
    expected[2] = "\ufffd"
    assert texts == expected
