"""docs/grpc_api.md walks through every call of the service.

test_docs_commands.py runs what is written there; this holds it to be complete.
"""

import re

from support.environment import REPOSITORY
from support.markdown import blocks
from support.protos import service


def test_every_call_is_made() -> None:
    page = REPOSITORY / "docs" / "grpc_api.md"
    code = "\n".join(
        block.text
        for block in blocks(page)
        if block.language == "python" and not block.not_run
    )
    made = set(re.findall(r"\bstub\.(\w+)\(", code))
    calls = service.DESCRIPTOR.services_by_name["EventService"].methods_by_name
    assert made == set(calls)
