"""Certificates, made while a test runs and never kept."""

import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

_CONFIG = """
[ca]
default_ca = this
[this]
dir = {folder}
database = $dir/index.txt
serial = $dir/serial
new_certs_dir = $dir
certificate = $dir/ca.pem
private_key = $dir/ca.key
default_md = sha256
policy = any
copy_extensions = copy
unique_subject = no
[any]
commonName = supplied
"""
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Pair:
    """A certificate and its key."""

    certificate: Path
    key: Path


def _openssl(*args: str) -> None:
    subprocess.run(["openssl", *args], check=True, capture_output=True)


def _new_key() -> list[str]:
    return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]


def _time(at: datetime) -> str:
    return at.strftime("%Y%m%d%H%M%SZ")


class Authority:
    """One that signs certificates, with all its files in a folder."""

    def __init__(self, folder: Path, name: str = "a test's authority") -> None:
        folder.mkdir()
        self.folder = folder
        self.certificate = folder / "ca.pem"
        (folder / "index.txt").touch()
        (folder / "serial").write_text("1000\n")
        (folder / "ca.cnf").write_text(_CONFIG.format(folder=folder))
        _openssl(
            *["req", "-x509", *_new_key(), "-days", "2", "-subj", f"/CN={name}"],
            *["-keyout", str(folder / "ca.key"), "-out", str(self.certificate)],
        )

    def issue(
        self,
        name: str,
        *,
        valid: tuple[timedelta, timedelta] = (-_DAY, _DAY),
        bits: int = 0,
    ) -> Pair:
        """A certificate for `name` on this machine; with `bits` an RSA one.

        Args:
            name: also that of its files.
            valid: from when to when, from now.
            bits: of the key; 0 stands for one on a curve.
        """
        pair = Pair(self.folder / f"{name}.pem", self.folder / f"{name}.key")
        key = ["-newkey", f"rsa:{bits}", "-nodes"] if bits else _new_key()
        request = self.folder / f"{name}.csr"
        _openssl(
            *["req", "-new", *key, "-subj", f"/CN={name}", "-addext"],
            "subjectAltName=IP:127.0.0.1,IP:::1,DNS:localhost",
            *["-keyout", str(pair.key), "-out", str(request)],
        )
        now = datetime.now(UTC)
        _openssl(
            *["ca", "-batch", "-notext", "-config", str(self.folder / "ca.cnf")],
            *["-startdate", _time(now + valid[0]), "-enddate", _time(now + valid[1])],
            *["-in", str(request), "-out", str(pair.certificate)],
        )
        return pair
