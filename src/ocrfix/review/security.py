"""Who may speak to the review page: this computer's browser, with the token that the command printed.

Start reading at :class:`Guard`.  A page elsewhere on the web can make a browser call an address of this computer; it
can neither know the token nor, with the cookie's help, hide where it comes from.  So a request must name this server as
its host (else a name that was bent to 127.0.0.1 would do), bear the token, and, where it changes something, come from
the page itself and be JSON, which no form can send.
"""
from __future__ import annotations

import hmac
import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Request, Response

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
POLICY = ("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
          "base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""What every answer bears."""


@dataclass(frozen=True)
class Guard:
    """What a request must show.

    Attributes:
        token: the secret in the address.
        host: the address that the server listens on.
        port: its port.
    """

    token: str
    host: str
    port: int

    @property
    def cookie(self) -> str:
        """The cookie's name; cookies are shared by all ports of a host, so each server has its own."""
        return f"ocrfix-{self.port}"

    @property
    def address(self) -> str:
        """The address to open, with the token."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}/?token={self.token}"

    def is_token(self, value: str | None) -> bool:
        """Whether a value is the token; the time that it takes tells nothing."""
        return value is not None and hmac.compare_digest(value.encode("utf-8", "replace"), self.token.encode())

    def objection(self, request: Request) -> str | None:
        """Why a request is refused, in one line; None if it may pass."""
        if not self._is_host(request.host):
            return "this server is not called by that name"
        if not self.is_token(request.cookies.get(self.cookie)):
            return "open the address that `ocrfix review` printed, with its token"
        if request.method not in ("GET", "HEAD"):
            if request.headers.get("Origin") != f"http://{request.host}":
                return "the request does not come from the review page"
            if request.mimetype != "application/json":
                return "the request is not JSON"
        return None

    def admits(self, request: Request) -> bool:
        """Whether a request opens the printed address: the right host, and the token in the address."""
        return request.method == "GET" and self._is_host(request.host) and self.is_token(request.args.get("token"))

    def _is_host(self, value: str) -> bool:
        try:
            name, port = urlsplit(f"//{value}").hostname, urlsplit(f"//{value}").port
        except ValueError:
            return False
        if name is None or (port or 80) != self.port:
            return False
        return name in LOOPBACK or name == self.host.lower() or (is_wildcard(self.host) and _is_address(name))


def is_loopback(host: str) -> bool:
    """Whether only this computer reaches an address.

    >>> [is_loopback(host) for host in ("127.0.0.1", "localhost", "::1", "0.0.0.0", "192.168.1.2")]
    [True, True, True, False, False]
    """
    return host == "localhost" or (_is_address(host) and ipaddress.ip_address(host).is_loopback)


def is_wildcard(host: str) -> bool:
    """Whether an address stands for all addresses of the computer."""
    return _is_address(host) and ipaddress.ip_address(host).is_unspecified


def protect(response: Response) -> Response:
    """The response with the headers that confine the page."""
    response.headers.update(HEADERS)
    return response


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
