"""nginx and HAProxy in front of a server, as people run them."""

import re
import shutil
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from support.wait import wait_until

# Both keep connections to the ingress, so that what one request leaves behind
# would be taken for the beginning of the next.
_NGINX = """
daemon off;
master_process off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log crit;
events {{ worker_connections 2048; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  client_header_timeout 1s;
  client_body_timeout 1s;
  keepalive_timeout 1s;
  upstream ingress {{ server {ingress}; keepalive 32; }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://ingress;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_request_buffering {buffering};
      proxy_next_upstream off;
    }}
  }}
}}
"""

_HAPROXY = """
global
  maxconn 2048
defaults
  mode http
  timeout connect 5s
  timeout client 1s
  timeout server 20s
  timeout http-request 1s
  timeout http-keep-alive 1s
  retries 0
  http-reuse always
frontend webhooks
  bind 127.0.0.1:{port}
  default_backend ingress
backend ingress
  server ingress {ingress}
"""


def _nginx(folder: Path, port: int, ingress: str, buffering: str) -> list[str]:
    config = folder / "nginx.conf"
    config.write_text(
        _NGINX.format(folder=folder, port=port, ingress=ingress, buffering=buffering)
    )
    return ["nginx", "-p", str(folder), "-c", str(config)]


def _buffering(folder: Path, port: int, ingress: str) -> list[str]:
    return _nginx(folder, port, ingress, "on")


def _streaming(folder: Path, port: int, ingress: str) -> list[str]:
    return _nginx(folder, port, ingress, "off")


def _haproxy(folder: Path, port: int, ingress: str) -> list[str]:
    config = folder / "haproxy.cfg"
    config.write_text(_HAPROXY.format(port=port, ingress=ingress))
    return ["haproxy", "-q", "-db", "-f", str(config)]


PROXIES: dict[str, Callable[[Path, int, str], list[str]]] = {
    "nginx": _buffering,
    "nginx that streams": _streaming,
    "haproxy": _haproxy,
}
PATH = "/usr/sbin:/usr/local/sbin:/usr/bin:/bin"


def is_installed(name: str) -> bool:
    """Whether that proxy can be run here."""
    return shutil.which(re.split(" ", name)[0], path=PATH) is not None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Proxy:
    """A proxy in front of the ingress at `ingress`; a context manager."""

    def __init__(self, name: str, folder: Path, ingress: str) -> None:
        # Neither of them can say which port it was given.
        self.address = ("127.0.0.1", _free_port())
        with (folder / "proxy-stderr").open("wb") as errors:
            self._process = subprocess.Popen(
                PROXIES[name](folder, self.address[1], ingress),
                env={"PATH": PATH},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
            )

    def _listens(self) -> bool:
        assert self._process.poll() is None, "the proxy ended"
        with socket.socket() as probe:
            return probe.connect_ex(self.address) == 0

    def __enter__(self) -> "Proxy":
        wait_until(self._listens, "the proxy to listen")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.terminate()
        self._process.wait()
