"""What is installed: names, version, types, exported symbols."""

import importlib.metadata
import inspect
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import tuco_events
from tuco_events import _core

ROOT = Path(__file__).resolve().parents[2]


def test_the_version_is_the_projects() -> None:
    cmake = (ROOT / "CMakeLists.txt").read_text()
    [version] = re.findall(r"^project\(tuco-events VERSION (\S+)", cmake, re.M)
    assert tuco_events.__version__ == version
    assert importlib.metadata.version("tuco-events") == version


def test_the_metadata_names_the_licence() -> None:
    metadata = importlib.metadata.metadata("tuco-events")
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata["Requires-Python"] == ">=3.9"
    requirements = metadata.get_all("Requires-Dist") or []
    assert all("; extra == " in requirement for requirement in requirements)
    extras = metadata.get_all("Provides-Extra") or []
    tables = {"arrow", "duckdb", "pandas", "polars"}
    assert {"all", "client", "django", "fastapi", "flask"} | tables <= set(extras)
    files = importlib.metadata.files("tuco-events")
    assert any(file.name == "LICENSE" for file in files or [])


def test_all_names_everything_that_is_public() -> None:
    public = {
        name
        for name, value in vars(tuco_events).items()
        if not name.startswith("_") and not inspect.ismodule(value)
    } - {"TYPE_CHECKING", "annotations"}
    imported_late = {"AsyncClient", "Client"}
    assert set(tuco_events.__all__) - {"__version__"} == public | imported_late


def test_every_public_name_is_documented() -> None:
    for name in tuco_events.__all__:
        value = getattr(tuco_events, name)
        if name != "__version__":
            assert value.__module__.startswith("tuco_events"), name
            assert value.__doc__, name
    for function in (tuco_events.verify, tuco_events.verify_many):
        for section in ("Args:", "Returns:", "Raises:"):
            assert section in (function.__doc__ or "")


def test_the_package_is_typed() -> None:
    folder = Path(tuco_events.__file__).parent
    assert (folder / "py.typed").exists()
    assert (folder / "_core.pyi").exists()


def test_only_the_modules_entry_is_exported() -> None:
    if shutil.which("nm") is None:
        pytest.skip("needs nm, of binutils")
    names = subprocess.run(
        ["nm", "-D", "--defined-only", _core.__file__],
        check=True, capture_output=True, text=True,
    ).stdout.split("\n")  # fmt: skip
    assert [line.split()[-1] for line in names if line] == ["PyInit__core"]


def test_nothing_of_a_crypto_library_or_protobuf_is_imported() -> None:
    if shutil.which("nm") is None:
        pytest.skip("needs nm, of binutils")
    folder = Path(tuco_events.__file__).parent
    objects = [_core.__file__, *folder.parent.glob("tuco_events.libs/*.so*")]
    for path in objects:
        text = subprocess.run(
            ["nm", "-D", str(path)], check=True, capture_output=True, text=True
        ).stdout
        for name in ("bssl", "SHA256", "HMAC", "OPENSSL", "protobuf", "grpc"):
            assert name not in text, f"{name} in {path}"
