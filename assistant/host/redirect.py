"""The port on loopback to which the browser comes back after the owner consented (RFC 8252 §7.3)."""

from __future__ import annotations

import hmac
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import TracebackType
from urllib.parse import parse_qs, urlsplit

from assistant.errors import LoginRefused

_AGAIN = "`offer-assistant account login` begins again"
_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>offer-assistant</title>
<body style="font-family: sans-serif; margin: 4em auto; max-width: 30em"><h1>{title}</h1><p>{text}</p></body></html>"""


class Redirect:
    """A port of this computer, open while the block runs; `uri` is what the provider is told."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        self._server = _Server(("127.0.0.1", 0), _Visit)
        self.uri = f"http://{host}:{self._server.server_port}"

    def wait(self, state: str, seconds: float) -> str:
        """The code that the browser brings. A visit with another `state` is answered, and does not count: it belongs to
        another login, or to nobody. Raises LoginRefused where the owner declined, or nobody came in time."""
        end = time.monotonic() + seconds
        self._server.expect(state)
        while (left := end - time.monotonic()) > 0:
            self._server.timeout = left
            self._server.handle_request()
            if self._server.declined:
                raise LoginRefused(_declined(self._server.declined), hint=_AGAIN)
            if self._server.code:
                return self._server.code
        raise LoginRefused(
            "the browser did not come back" + (" with the right answer" if self._server.strangers else ""), hint=_AGAIN
        )

    def __enter__(self) -> Redirect:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.server_close()


def _declined(code: str) -> str:
    return "the access was declined in the browser" if code == "access_denied" else f"the provider refused: {code[:60]}"


class _Server(HTTPServer):
    """Keeps what the visits brought."""

    state = code = declined = ""
    strangers = 0

    def expect(self, state: str) -> None:
        self.state = state

    def handle_error(self, request: object, client_address: object) -> None:
        """A visit that breaks off is nothing to report."""


class _Visit(BaseHTTPRequestHandler):
    timeout = 5
    server: _Server
    server_version, sys_version = "offer-assistant", ""

    def do_GET(self) -> None:
        query = parse_qs(urlsplit(self.path).query, max_num_fields=20)
        code, error = _one(query, "code"), _one(query, "error")
        if not (code or error):
            return self._answer(404, "Nothing here", "This page belongs to offer-assistant.")
        if not hmac.compare_digest(_one(query, "state").encode(), self.server.state.encode()):
            self.server.strangers += 1
            return self._answer(400, "Not this login", "This answer belongs to another login. Go back to the terminal.")
        self.server.code, self.server.declined = code, "" if code else error
        if code:
            return self._answer(200, "Done", "offer-assistant has its answer. You can close this page.")
        return self._answer(200, "Declined", "Nothing was changed. You can close this page.")

    def _answer(self, status: int, title: str, text: str) -> None:
        page = _PAGE.format(title=title, text=text).encode()
        self.send_response(status)
        for name, value in (
            ("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(page))), ("Connection", "close"),
            ("Cache-Control", "no-store"), ("Referrer-Policy", "no-referrer"),
            ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'"),
        ):  # fmt: skip
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *_: object) -> None:
        """The address of a visit holds the code: it is not logged."""


def _one(query: dict[str, list[str]], name: str) -> str:
    return query.get(name, [""])[0]
