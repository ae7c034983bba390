"""The web page of the review: a Flask application over a reports folder.

Start reading at :func:`create_app`.  One page, its script, and a small JSON interface under ``/api``: what is read is
GET and changes nothing, what changes something is POST.  Who may call at all is told in :mod:`ocrfix.review.security`.
"""
from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from importlib import resources
from pathlib import Path

from flask import Flask, Response, abort, jsonify, redirect, render_template, request, send_file
from jinja2 import StrictUndefined
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from ocrfix.decisions.model import Scope
from ocrfix.document import Status
from ocrfix.errors import OcrfixError, UsageError
from ocrfix.messages import both
from ocrfix.outputs.report import json_for_html
from ocrfix.review import views
from ocrfix.review.corpus import Answer, Corpus
from ocrfix.review.desk import Desk, Spot, spot
from ocrfix.review.images import TYPES, Scans
from ocrfix.review.queue import Series
from ocrfix.review.security import Guard, protect

WINDOW = 20
"""So many series are sent at once."""
LARGEST = 1_000_000
"""Bytes of a request."""
LONGEST = 2_000
"""Characters of a text that a reviewer types."""
SHARED = {"look.css": "text/css", "interface.js": "text/javascript"}
"""What the page shares with the reports."""
_CALL = re.compile(r"[0-9]+|\*+")
_MARK = re.compile("[0-9a-f]{32}")


def create_app(corpus: Corpus, *, guard: Guard, reviewer: str, images: Path | None = None) -> Flask:
    """The application for one reviewer.

    Args:
        corpus: the documents and the decisions.
        guard: what a request must show.
        reviewer: under whose name answers are recorded.
        images: a folder of page scans.
    """
    app = Flask(__name__)
    app.jinja_env.undefined = StrictUndefined
    app.config["MAX_CONTENT_LENGTH"] = LARGEST
    desk = Desk(corpus, reviewer)
    _guarded(app, guard)
    _serve_page(app, desk)
    _serve_reading(app, desk, Scans(images) if images is not None else None)
    _serve_answers(app, desk)
    _tell_errors(app)
    return app


def _guarded(app: Flask, guard: Guard) -> None:
    """Let nobody in without the token; the address with the token leaves it in a cookie and in no history."""

    @app.before_request
    def refuse() -> AnyResponse | None:
        if request.path == "/" and guard.admits(request):
            response = redirect("/", 303)
            response.set_cookie(guard.cookie, guard.token, httponly=True, samesite="Strict")
            return response
        objection = guard.objection(request)
        if objection is None:
            return None
        if request.path.startswith("/api/"):
            return _error(403, objection)
        return Response(f"ocrfix review: {objection}\n", 403, mimetype="text/plain")

    app.after_request(protect)


def _serve_page(app: Flask, desk: Desk) -> None:
    """The page itself, and what it shares with the reports."""

    @app.get("/")
    def front() -> str:
        words = interface_words()
        return render_template("review.html", words=words["en"], words_json=json_for_html(words),
                               reviewer=desk.reviewer)

    @app.get("/shared/<name>")
    def shared(name: str) -> Response:
        if name not in SHARED:
            abort(404)
        text = resources.files("ocrfix.outputs").joinpath("templates", name).read_text(encoding="utf-8")
        return Response(text, mimetype=SHARED[name])


def _serve_reading(app: Flask, desk: Desk, scans: Scans | None) -> None:
    """What is read: documents, the queue, how far it is, pages, scans, conflicts."""
    corpus = desk.corpus

    @app.get("/api/documents")
    def documents() -> Response:
        return jsonify([{"name": one.name, "pages": [page.label or str(page.number) for page in one.document.pages],
                         "scans": sorted(scans.of(one.name, one.document)) if scans is not None else []}
                        for one in corpus.documents()])

    @app.get("/api/queue")
    def queue() -> Response:
        found = desk.queue(request.args.get("document") or None)
        found = _in_front(found, (request.args.get("want", ""), request.args.get("start", -1, int),
                                  request.args.get("end", -1, int)))
        versions = {one.name: one.version for one in corpus.documents()}
        return jsonify({"status": views.status_view(desk), "total": len(found),
                        "series": [views.series_view(one, versions, skipped=desk.is_skipped(one))
                                   for one in found[:WINDOW]]})

    @app.get("/api/status")
    def status() -> Response:
        return jsonify(views.status_view(desk))

    @app.get("/api/page")
    def page() -> Response:
        name, number = request.args.get("document", ""), request.args.get("page", 0, int)
        return jsonify(views.page_view(corpus.page(name, number), corpus.document(name).version))

    @app.get("/api/scan")
    def scan() -> Response:
        name, number = request.args.get("document", ""), request.args.get("page", 0, int)
        found = scans.of(name, corpus.document(name).document) if scans is not None else {}
        path = found[number]
        return send_file(path, mimetype=TYPES[path.suffix.lower()], max_age=0)

    @app.get("/api/conflicts")
    def conflicts() -> Response:
        return jsonify(views.conflicts_view(desk))


def _in_front(queue: list[Series], wanted: Spot) -> list[Series]:
    """The queue with the series of a place first, if it is there, and in this series the place among those shown."""
    for k, one in enumerate(queue):
        at = next((n for n, item in enumerate(one.items) if spot(item) == wanted), None)
        if at is not None:
            first = at - at % views.MOST_PLACES
            return [replace(one, items=one.items[first:] + one.items[:first]), *queue[:k], *queue[k + 1:]]
    return queue


def _serve_answers(app: Flask, desk: Desk) -> None:
    """What changes something.  An answer is confirmed only when it is on disk."""

    @app.post("/api/answer")
    def answer() -> Response:
        body = _body()
        desk.answer(_spots(body, desk.corpus), _answer(body), _mark(body))
        return jsonify(views.status_view(desk))

    @app.post("/api/undo")
    def undo() -> Response:
        desk.undo(_mark(_body()))
        return jsonify(views.status_view(desk))

    @app.post("/api/agree")
    def agree() -> Response:
        body = _body()
        desk.agree(_text(body, "decision"), _mark(body))
        return jsonify(views.status_view(desk))

    @app.post("/api/skip")
    def skip() -> Response:
        body = _body()
        (desk.unskip if body.get("undo") is True else desk.skip)(_spots(body, desk.corpus))
        return jsonify(views.status_view(desk))


def _tell_errors(app: Flask) -> None:
    """Every error of the JSON interface is JSON with one line that can be shown."""

    @app.errorhandler(OcrfixError)
    def failed(error: OcrfixError) -> Response:
        return _error(400 if isinstance(error, UsageError) else 500, str(error))

    @app.errorhandler(KeyError)
    def missing(error: KeyError) -> Response:
        return _error(404, f"not found: {error.args[0] if error.args else ''}")

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        return _error(error.code or 500, error.name)


def _error(status: int, message: str) -> Response:
    response = jsonify({"error": message, "said": both(message)})
    response.status_code = status
    return response


def interface_words() -> dict[str, dict[str, str]]:
    """The words of the interface by language: those of the reports and the page's own."""
    shared = json.loads(resources.files("ocrfix.outputs").joinpath("templates", "interface.json").read_text("utf-8"))
    own = json.loads(resources.files("ocrfix.review").joinpath("interface.json").read_text("utf-8"))
    return {language: {**shared[language], **own[language]} for language in own}


# What the page sends ------------------------------------------------------------------------------------------------

def _body() -> Mapping[str, object]:
    body = request.get_json()
    if not isinstance(body, dict):
        raise UsageError("a request must be a JSON object")
    return body


def _text(body: Mapping[str, object], name: str) -> str:
    """A text that a person typed, in the one form that the clean text has.

    Raises:
        UsageError: it is none, too long, or holds what cannot be printed.
    """
    value = body.get(name, "")
    if not isinstance(value, str) or len(value) > LONGEST:
        raise UsageError(f"{name}: must be a text of at most {LONGEST} characters")
    text = " ".join(unicodedata.normalize("NFC", value).split())
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in text):
        raise UsageError(f"{name}: holds a character that cannot be printed")
    return text


def _mark(body: Mapping[str, object]) -> str:
    mark = _text(body, "mark")
    if not _MARK.fullmatch(mark):
        raise UsageError("mark: must be 32 hexadecimal digits")
    return mark


def _spots(body: Mapping[str, object], corpus: Corpus) -> list[Spot]:
    """The places that were answered, as they were shown.

    Raises:
        KeyError: there is no such document.
        UsageError: they are none, or their document was cleaned again since.
    """
    places = body.get("places")
    if not isinstance(places, list) or not 1 <= len(places) <= views.MOST_PLACES:
        raise UsageError(f"places: must be 1 to {views.MOST_PLACES} places")
    spots = []
    for place in places:
        match place:
            case [str(name), int(start), int(end), str(version)]:
                if corpus.document(name).version != version:
                    raise UsageError(f"{name} was cleaned again since this was shown; look once more")
                spots.append((name, start, end))
            case _:
                raise UsageError("places: each must be [document, start, end, version]")
    return spots


def _answer(body: Mapping[str, object]) -> Answer:
    try:
        verdict, scope = Status(_text(body, "verdict")), Scope(_text(body, "scope"))
    except ValueError as error:
        raise UsageError(str(error)) from error
    if verdict not in (Status.ACCEPTED, Status.REJECTED, Status.EDITED):
        raise UsageError(f"verdict: {verdict.value!r} is no answer")
    call = None if body.get("call") is None else _text(body, "call")
    if call and not _CALL.fullmatch(call):
        raise UsageError(f"call: {call!r} is neither a number nor a star")
    return Answer(verdict, _text(body, "new"), call, scope, body.get("word") is True, body.get("part") is True)
