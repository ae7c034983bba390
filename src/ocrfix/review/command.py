"""``ocrfix review``: the command, and :func:`serve`, which does what it does in Python."""
from __future__ import annotations

import getpass
import secrets
import socket
import sys
import threading
import webbrowser
from collections.abc import Callable
from pathlib import Path

import click
from waitress.server import create_server

from ocrfix.decisions.store import Store, store_beside
from ocrfix.errors import OcrfixError, UsageError
from ocrfix.messages import translated
from ocrfix.review.app import create_app
from ocrfix.review.corpus import Corpus
from ocrfix.review.security import Guard, is_loopback

THREADS = 4


def serve(corpus: Corpus, *, reviewer: str, images: Path | None = None, host: str = "127.0.0.1", port: int = 0,
          ready: Callable[[str], None] = lambda address: None) -> None:
    """Serve the review page until the process is interrupted.

    Args:
        corpus: the documents and the decisions.
        reviewer: under whose name answers are recorded.
        images: a folder of page scans.
        host: the address to listen on.
        port: the port; 0 takes a free one.
        ready: called with the address to open as soon as it can be opened.

    Raises:
        UsageError: the address cannot be listened on.
    """
    listening = _listen(host, port)
    guard = Guard(secrets.token_urlsafe(32), host, listening.getsockname()[1])
    app = create_app(corpus, guard=guard, reviewer=reviewer, images=images)
    server = create_server(app, sockets=[listening], threads=THREADS, ident=None)
    ready(guard.address)
    server.run()                                     # returns when it is interrupted
    server.close()


def _listen(host: str, port: int) -> socket.socket:
    """A socket that listens already, so that its port is known and the browser waits."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, protocol)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen()
    except OSError as error:
        raise UsageError(f"{host}:{port}: {error.strerror or error}") from error
    return listening


def _login() -> str:
    """The user's login name."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):         # a user without a name: in a container, a service of Windows
        return "reviewer"


@click.command("review", short_help="Accept, reject and edit corrections on a local web page.")
@click.argument("reports", type=click.Path(path_type=Path), default=Path("reports"))
@click.option("--decisions", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="Where the decisions live.  [default: decisions.sqlite beside the reports]")
@click.option("--reviewer", default=_login, metavar="NAME", help="Who decides.  [default: your login name]")
@click.option("--images", type=click.Path(path_type=Path), metavar="DIR",
              help="Scans of the pages, shown beside the text: <document>-<page>.png, or <document>/<page>.png.")
@click.option("--no-open", is_flag=True, help="Print the address only; open no browser.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port to listen on.  [default: a free one]")
@click.option("--host", default="127.0.0.1", show_default=True,
              help="Address to listen on.  Anything but this computer's own lets others read your texts.")
def review_command(reports: Path, decisions: Path | None, reviewer: str, images: Path | None, no_open: bool, port: int,
                   host: str) -> None:
    """Open a page in the browser on which the corrections in REPORTS are accepted, rejected or edited.

    The address is printed to standard output.  Every answer is on disk before the page says so.  The next
    `ocrfix run` uses the decisions.  Ctrl-C ends the page.

    Exit status: 0 ended by Ctrl-C; 1 the decisions cannot be read; 2 wrong usage.

    \b
    Example:
      ocrfix run raw/ && ocrfix review
      ocrfix review reports/ --images scans/ --reviewer ayse
    """
    if not reports.is_dir():
        raise UsageError(f"{reports}: no such folder; `ocrfix run INPUT --out {reports}` makes it")
    if images is not None and not images.is_dir():
        raise UsageError(f"{images}: no such folder")
    if not reviewer.strip():
        raise UsageError("--reviewer must be a name")
    corpus = Corpus(reports, Store(decisions or store_beside(reports)))
    _check(corpus)
    if not is_loopback(host):
        click.secho(translated(f"ocrfix: WARNING: {host} can be reached from other computers. Whoever has the address "
                               "with its token reads your texts and decides; the connection is not encrypted."),
                    err=True, bold=True)

    def ready(address: str) -> None:
        click.echo(address)
        click.echo(translated("Ctrl-C ends the review; what the page says is saved is saved."), err=True)
        if not no_open:
            threading.Thread(target=webbrowser.open, args=[address], daemon=True).start()

    serve(corpus, reviewer=reviewer.strip(), images=images, host=host, port=port, ready=ready)


def _check(corpus: Corpus) -> None:
    """Read the documents, and name those that cannot be read, before anybody wonders where they are.

    Raises:
        OcrfixError: none can be read.
    """
    if sys.stderr.isatty():
        label = translated("Reading")
        with click.progressbar(corpus.documents(), len(corpus.names()), label, file=sys.stderr) as documents:
            readable = len(list(documents))
    else:
        readable = len(list(corpus.documents()))
    for name, why in sorted(corpus.failed.items()):
        click.echo(f"ocrfix: {name}: {translated(why)}", err=True)
    if not readable:
        raise OcrfixError(f"{corpus.reports}: no document can be read")
