"""What views read of a request and of an answer, as an editor sees it."""

from __future__ import annotations

from datetime import datetime
from typing import IO, Any, assert_type

from erlen import Erlen, Response, current_app, g, get_flashed_messages, request, session
from erlen.http import ContentSecurityPolicy, FileStorage, HeaderSet, MultiDict

app = Erlen(__name__)


@app.post("/fields")
def fields() -> dict[str, str]:
    for args in (request.args, request.form, request.cookies, request.values):
        assert_type(args["a"], str)
        assert_type(args.get("a"), str | None)
        assert_type(args.get("a", None), str | None)
        assert_type(args.get("a", "b"), str)
        assert_type(args.get("a", 1), str | int)
        assert_type(args.get("a", type=int), int | None)
        assert_type(args.get("a", 1, type=int), int)
        assert_type(args.get("a", default=1, type=int), int)
        assert_type(args.get("a", None, int), int | None)
        assert_type(args.get("a", type=lambda text: text == "yes"), bool | None)
        assert_type(args.getlist("a"), list[str])
        assert_type(args.getlist("a", type=int), list[int])
        assert_type(args.to_dict(flat=False), dict[str, list[str]])
        for key, value in args.items():
            assert_type((key, value), tuple[str, str])
    assert_type(request.args.copy(), MultiDict[str, str])
    return assert_type(request.form.to_dict(), dict[str, str])


@app.post("/files")
def files() -> bytes:
    assert_type(request.files["a"], FileStorage)
    assert_type(request.files.get("a"), FileStorage | None)
    assert_type(request.files.getlist("a"), list[FileStorage])
    assert_type(request.files["a"].filename, str | None)
    return assert_type(request.files["a"].read(), bytes)


@app.get("/headers")
def headers() -> str:
    assert_type(request.headers["A"], str)
    assert_type(request.headers.get("A"), str | None)
    assert_type(request.headers.get("A", "b"), str)
    assert_type(request.headers.get("A", type=int), int | None)
    assert_type(request.headers.get("A", 1, type=int), int)
    assert_type(request.headers.getlist("A"), list[str])
    assert_type(request.headers.getlist("A", int), list[int])
    assert_type(request.content_type, str | None)
    assert_type(request.date, datetime | None)
    assert_type(request.accept_mimetypes.best, str | None)
    assert_type(request.cache_control.no_store, bool)
    assert_type(request.cache_control.max_age, int | None)
    if request.authorization is not None:
        assert_type(request.authorization.username, str | None)
    return assert_type(request.user_agent.string, str)


@app.put("/body")
def body() -> bytes:
    assert_type(request.method, str)
    assert_type(request.endpoint, str | None)
    assert_type(request.view_args, dict[str, Any] | None)
    assert_type(request.is_multithread, bool)
    assert_type(request.input_stream, IO[bytes])
    assert_type(request.get_json(), Any)
    assert_type(request.get_data(as_text=True), str)
    assert_type(request.data, bytes)
    for line in request.stream:
        assert_type(line, bytes)
    return assert_type(request.stream.read(), bytes)


def by_flag(flag: bool) -> None:
    assert_type(request.args.to_dict(flag), dict[str, Any])
    assert_type(get_flashed_messages(flag), list[Any])


@app.get("/context")
def context() -> str:
    session["count"] = session.get("count", 0) + 1
    session.permanent = True
    session.regenerate()
    g.user = object()
    assert_type(g.other, Any)
    assert_type("user" in g, bool)
    assert_type(current_app.testing, bool)
    assert_type(current_app.debug, bool)
    assert_type(current_app.secret_key, str | bytes | None)
    assert_type(get_flashed_messages(with_categories=True), list[tuple[str, str]])
    return assert_type(get_flashed_messages()[0], str)


def answers(response: Response) -> None:
    assert_type(response.data, bytes)
    response.data = "text"
    assert_type(response.get_data(as_text=True), str)
    assert_type(response.headers["A"], str)
    assert_type(response.headers[0], tuple[str, str])
    assert_type(response.location, str | None)
    assert_type(response.vary, HeaderSet)
    response.vary = ["Cookie", "Accept"]
    assert_type(response.cache_control.no_cache, str | bool | None)
    response.cache_control.max_age = 60
    assert_type(response.content_security_policy, ContentSecurityPolicy)
    assert_type(response.content_security_policy.default_src, str | None)
    response.content_security_policy.default_src = "'self'"


client = app.test_client()
answer = client.get("/headers", query_string={"a": 1})
assert_type(answer.status_code, int)
assert_type(answer.text, str)
assert_type(answer.data, bytes)
assert_type(answer.json, Any)
assert_type(answer.request.path, str)
