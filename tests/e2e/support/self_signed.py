"""Certificates as an operator has them, made for one test by openssl."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from support.wait import DEADLINE_S


@dataclass(frozen=True)
class Certificate:
    """A certificate that signs itself, for this machine, and its key."""

    file: Path
    key: Path

    def config(self, *settings: str) -> str:
        """A configuration file that has the ingress use it."""
        lines = [f'tls_cert = "{self.file}"', f'tls_key = "{self.key}"', *settings]
        return "\n".join(["[http]", *lines, ""])


def _openssl(*args: str) -> None:
    subprocess.run(
        ["openssl", *args], check=True, capture_output=True, timeout=DEADLINE_S
    )


def make_certificate(
    folder: Path, name: str = "server", *, days: int = 90, kind: str = "ec"
) -> Certificate:
    """Makes one that is valid for so many days; negative: it has expired.

    Args:
        folder: where `name`.pem and `name`.key go.
        name: of the files.
        days: from now.
        kind: of the key, `ec` or `rsa`.
    """
    made = Certificate(folder / f"{name}.pem", folder / f"{name}.key")
    names = folder / f"{name}.ext"
    names.write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
    parameter = {"ec": "ec_paramgen_curve:P-256", "rsa": "rsa_keygen_bits:2048"}
    _openssl(
        *("req", "-newkey", kind, "-pkeyopt", parameter[kind], "-nodes"),
        *("-subj", f"/CN={name}"),
        *("-keyout", str(made.key), "-out", str(folder / f"{name}.csr")),
    )
    _openssl(
        *("x509", "-req", "-in", str(folder / f"{name}.csr")),
        *("-signkey", str(made.key), "-extfile", str(names)),
        *("-days", str(days), "-out", str(made.file)),
    )
    return made
