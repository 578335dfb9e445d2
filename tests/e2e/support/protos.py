"""The protocol's Python modules, generated from proto/ when tests start.

Nothing generated is kept: the modules live in a temporary folder that goes
away with the process.
"""

import atexit
import importlib
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import grpc_tools
from grpc_tools import protoc

from support.environment import REPOSITORY

_PROTO = REPOSITORY / "proto"


def _generate(folder: str) -> None:
    well_known = Path(grpc_tools.__file__).parent / "_proto"
    sources = sorted(str(path) for path in _PROTO.rglob("*.proto"))
    status = protoc.main(
        [
            "protoc",
            f"-I{_PROTO}",
            f"-I{well_known}",
            f"--python_out={folder}",
            f"--grpc_python_out={folder}",
            *sources,
        ]
    )
    if status != 0:
        raise RuntimeError(f"protoc ended with {status}")


_folder = tempfile.mkdtemp(prefix="tuco-events-protos-")
atexit.register(shutil.rmtree, _folder, ignore_errors=True)
_generate(_folder)
sys.path.insert(0, _folder)

# Typed as Any: what is in them is only known when tests run.
event: Any = importlib.import_module("tuco.events.v1.event_pb2")
service: Any = importlib.import_module("tuco.events.v1.event_service_pb2")
service_grpc: Any = importlib.import_module("tuco.events.v1.event_service_pb2_grpc")
status: Any = importlib.import_module("tuco.events.v1.server_status_pb2")
rpc: Any = importlib.import_module("google.rpc.status_details_pb2")
duration: Any = importlib.import_module("google.protobuf.duration_pb2")
field_mask: Any = importlib.import_module("google.protobuf.field_mask_pb2")
