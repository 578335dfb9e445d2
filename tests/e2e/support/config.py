"""Configuration files as an operator writes them."""

from pathlib import Path

from support.deliveries import OTHER_SECRET, SECRET


def write_endpoints(
    folder: Path, endpoints: dict[str, dict[str, str]], *settings: str
) -> Path:
    """A configuration file whose secrets are in files beside it.

    Args:
        folder: where the files go.
        endpoints: for each endpoint's name its secrets by their names; a name
            that begins with `old` is that of a revoked one.
        *settings: more lines of every endpoint.
    """
    lines = []
    for endpoint, secrets in endpoints.items():
        lines += ["[[endpoint]]", f'name = "{endpoint}"', *settings]
        for name, text in secrets.items():
            file = folder / f"{endpoint}-{name}.secret"
            file.write_text(text + "\n", "utf-8")
            state = "revoked" if name.startswith("old") else "active"
            lines += ["[[endpoint.secret]]", f'name = "{name}"']
            lines += [f'file = "{file}"', f'state = "{state}"']
    config = folder / "tuco-events.toml"
    config.write_text("\n".join(lines) + "\n")
    return config


def write_rotation(folder: Path) -> Path:
    """Endpoint `tuco` with two active secrets, `before` and `after`."""
    return write_endpoints(folder, {"tuco": {"before": SECRET, "after": OTHER_SECRET}})
