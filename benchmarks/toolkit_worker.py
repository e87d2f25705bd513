"""Times statements on the toolkit of Erlen or of Werkzeug, as :mod:`worker` times requests.

    toolkit_worker.py erlen|werkzeug

The statements and what they work on are the same source for both; only the imports differ.
"""

from __future__ import annotations

import gc
import json
import sys
from importlib import import_module
from time import process_time
from timeit import Timer
from types import ModuleType
from typing import Any

# A call of the worker runs a statement so often: one alone is too short for the clock.
BLOCK = 100
MODULES = {
    "erlen": ("erlen", "erlen.http", "erlen.http.exceptions", "erlen.routing"),
    "werkzeug": (
        "flask",
        "werkzeug.datastructures",
        "werkzeug.http",
        "werkzeug.exceptions",
        "werkzeug.urls",
        "werkzeug.routing",
    ),
}
BROWSER_ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8"
SETUP = """
PAIRS = [(f"field{n % 7}", str(n)) for n in range(10)]
FIELDS = [
    ("Host", "example.com"), ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64)"),
    ("Accept", BROWSER_ACCEPT), ("Accept-Language", "en-GB,en;q=0.5"),
    ("Accept-Encoding", "gzip, deflate, br"), ("Connection", "keep-alive"),
    ("Cookie", "session=abc"), ("Cache-Control", "max-age=0"), ("X-Last", "1"),
]
NOW = datetime(2026, 11, 21, 8, 30, tzinfo=timezone.utc)
DATE = "Sat, 21 Nov 2026 08:30:00 GMT"
COOKIE = "session=eyJhIjoxfQ.aBcD-eF_1234; theme=dark; _ga=GA1.2.345.678; id=42"
multi = MultiDict(PAIRS)
frozen = ImmutableMultiDict(PAIRS)
headers = Headers(FIELDS)
environ = {"REQUEST_METHOD": "GET", "wsgi.url_scheme": "http", "CONTENT_TYPE": "text/plain"}
environ.update(("HTTP_" + k.upper().replace("-", "_"), v) for k, v in FIELDS)
environ_headers = EnvironHeaders(environ)
accept = parse_accept_header(BROWSER_ACCEPT, MIMEAccept)
languages = parse_accept_header("en-GB,en;q=0.5,de;q=0.3", LanguageAccept)
etags = parse_etags('"abc", W/"def", "123"')
url_map = Map([
    Rule("/", endpoint="index"), Rule("/about", endpoint="about"),
    Rule("/user/<name>", endpoint="user"), Rule("/post/<int:id>", endpoint="post"),
    Rule("/post/<int:id>/edit", endpoint="edit", methods=["GET", "POST"]),
    Rule("/blog/<int:year>/<slug>", endpoint="entry"), Rule("/files/<path:file>", endpoint="file"),
])
adapter = url_map.bind("example.com")
"""
SCENARIOS = {
    "MultiDict: make of pairs": "MultiDict(PAIRS)",
    "MultiDict: make of a dict": "MultiDict({'a': 1, 'b': [2, 3]})",
    "MultiDict: item": "multi['field3']",
    "MultiDict: get": "multi.get('field3')",
    "MultiDict: get, of a type": "multi.get('field3', type=int)",
    "MultiDict: get, missing": "multi.get('missing', 'x')",
    "MultiDict: in": "'field3' in multi",
    "MultiDict: getlist": "multi.getlist('field1')",
    "MultiDict: add": "MultiDict().add('a', 1)",
    "MultiDict: set": "multi['set'] = '1'",
    "MultiDict: update": "MultiDict().update(PAIRS)",
    "MultiDict: items": "list(multi.items(multi=True))",
    "MultiDict: keys and firsts": "list(multi.items())",
    "MultiDict: lists": "list(multi.lists())",
    "MultiDict: values": "list(multi.values())",
    "MultiDict: to_dict": "multi.to_dict()",
    "MultiDict: copy": "multi.copy()",
    "MultiDict: pop": "MultiDict({'a': 1}).pop('a')",
    "ImmutableMultiDict: make": "ImmutableMultiDict(PAIRS)",
    "ImmutableMultiDict: hash": "hash(frozen)",
    "CombinedMultiDict: item": "CombinedMultiDict([frozen, multi])['field3']",
    "Headers: make": "Headers(FIELDS)",
    "Headers: make of a dict": "Headers({'A': 'b', 'C': 'd'})",
    "Headers: item, first": "headers['host']",
    "Headers: item, last": "headers['X-Last']",
    "Headers: get": "headers.get('Accept')",
    "Headers: get, of a type": "headers.get('X-Last', type=int)",
    "Headers: get, missing": "headers.get('Missing')",
    "Headers: in": "'Cookie' in headers",
    "Headers: getlist": "headers.getlist('Accept')",
    "Headers: set": "headers['X-Last'] = '1'",
    "Headers: add and remove": "headers.add('X-New', 'a'); headers.remove('X-New')",
    "Headers: add with options": (
        "Headers().add('Content-Disposition', 'attachment', filename='a b.txt')"
    ),
    "Headers: setdefault": "headers.setdefault('X-Last', '2')",
    "Headers: items": "list(headers.items())",
    "Headers: list for WSGI": "headers.to_wsgi_list()",
    "Headers: copy": "headers.copy()",
    "Headers: text": "str(headers)",
    "EnvironHeaders: item": "environ_headers['Accept']",
    "EnvironHeaders: get, missing": "environ_headers.get('Missing')",
    "EnvironHeaders: all": "list(environ_headers)",
    "cookies: parse one": "parse_cookie('session=abc')",
    "cookies: parse four": "parse_cookie(COOKIE)",
    "cookies: parse quoted": "parse_cookie('a=\"x y\\\\054 z\"; b=2')",
    "cookies: dump": "dump_cookie('a', 'b')",
    "cookies: dump all": (
        "dump_cookie('a', 'b', max_age=60, domain='example.com', secure=True, httponly=True,"
        " samesite='Lax')"
    ),
    "cookies: dump quoted": "dump_cookie('a', 'x, \\u00e9; z')",
    "options: parse type": "parse_options_header('text/html; charset=utf-8')",
    "options: parse alone": "parse_options_header('application/json')",
    "options: parse disposition": (
        "parse_options_header('form-data; name=\"file\"; filename=\"a b.txt\"')"
    ),
    "options: parse extended": "parse_options_header(\"a; filename*=UTF-8''na%C3%AFve.txt\")",
    "options: dump": "dump_options_header('attachment', {'filename': 'a b.txt'})",
    "list: parse": "parse_list_header('gzip, deflate, br')",
    "list: parse quoted": "parse_list_header('a, \"b, c\", d')",
    "list: dump": "dump_header(['a', 'b c', 'd'])",
    "dict: parse": "parse_dict_header('a=1, b=\"2, 3\", c')",
    "set: parse": "parse_set_header('GET, HEAD, POST')",
    "Cache-Control: parse": "parse_cache_control_header('max-age=3600, no-cache').max_age",
    "Cache-Control: dump": "ResponseCacheControl({'max-age': '3600', 'public': None}).to_header()",
    "accept: parse, browser": "parse_accept_header(BROWSER_ACCEPT, MIMEAccept)",
    "accept: parse, languages": "parse_accept_header('en-GB,en;q=0.5,de;q=0.3', LanguageAccept)",
    "accept: best match": "accept.best_match(['application/json', 'text/html'])",
    "accept: best language": "languages.best_match(['de', 'en'])",
    "accept: quality": "accept['text/html']",
    "accept: dump": "accept.to_header()",
    "etags: parse": "parse_etags('\"abc\", W/\"def\", \"123\"')",
    "etags: contains": "etags.contains_weak('def')",
    "etags: dump": "etags.to_header()",
    "ranges: parse": "parse_range_header('bytes=0-499')",
    "ranges: dump": "Range('bytes', [(0, 500)]).to_header()",
    "ranges: content range": "parse_content_range_header('bytes 0-499/1234')",
    "dates: parse": "parse_date(DATE)",
    "dates: dump datetime": "http_date(NOW)",
    "dates: dump number": "http_date(1795000000)",
    "auth: parse basic": "Authorization.from_header('Basic dXNlcjpwYXNz')",
    "auth: parse bearer": "Authorization.from_header('Bearer abc.def')",
    "auth: dump": "Authorization('basic', {'username': 'a', 'password': 'b'}).to_header()",
    "CSP: parse": "parse_csp_header(\"default-src 'self'; img-src *\")",
    "quoting: token": "quote_header_value('abc')",
    "quoting: string": "quote_header_value('a \"b\" c')",
    "quoting: back": "unquote_header_value('\"a b\"')",
    "URLs: IRI, plain": "iri_to_uri('/static/app.css?v=1')",
    "URLs: IRI": "iri_to_uri('http://\\u2603.net/p\\xe5th?q=\\xe8ry')",
    "URLs: URI": "uri_to_iri('/p%C3%A5th?q=%C3%A8ry')",
    "routing: match static": "adapter.match('/about')",
    "routing: match text": "adapter.match('/user/ada')",
    "routing: match number": "adapter.match('/post/42/edit', 'POST')",
    "routing: match two": "adapter.match('/blog/2026/a-slug')",
    "routing: match path": "adapter.match('/files/a/b/c.txt')",
    "routing: bind": "url_map.bind('example.com')",
    "routing: bind environ": "url_map.bind_to_environ(environ)",
    "build: static": "adapter.build('about')",
    "build: text": "adapter.build('user', {'name': 'ada'})",
    "build: quoted": "adapter.build('user', {'name': 'a b'})",
    "build: two": "adapter.build('entry', {'year': 2026, 'slug': 'a-slug'})",
    "build: with a query": "adapter.build('post', {'id': 42, 'page': 2, 'q': 'a b'})",
    "build: external": "adapter.build('about', force_external=True)",
    "url_for: static": "url_for('about')",
    "url_for: text": "url_for('user', name='ada')",
    "url_for: with a query": "url_for('post', id=42, page=2)",
    "url_for: external": "url_for('about', _external=True)",
}  # fmt: skip


def namespace(toolkit: str) -> dict[str, Any]:
    """The names of a toolkit, and what the statements work on."""
    found: dict[str, Any] = {"BROWSER_ACCEPT": BROWSER_ACCEPT}
    for name in MODULES[toolkit]:
        module = import_module(name)
        public = {key: getattr(module, key) for key in dir(module) if not key.startswith("_")}
        # A submodule may have the name of a builtin.
        found |= {key: value for key, value in public.items() if not isinstance(value, ModuleType)}
    exec("from datetime import datetime, timezone", found)
    exec(SETUP, found)
    app = found.get("Flask", found.get("Erlen"))("bench")
    for rule in found["url_map"].iter_rules():
        app.add_url_rule(rule.rule, rule.endpoint, lambda **_: "", methods=["GET"])
    # A request first: what is set up once is not what is measured.
    app.test_client().get("/about")
    app.test_request_context("/about").push()
    return found


def main() -> None:
    """Serve rounds until the input ends."""
    names = namespace(sys.argv[1])
    # The processor's time: nothing here waits, and the turns of other programs do not count.
    timers = {name: Timer(code, "pass", process_time, names) for name, code in SCENARIOS.items()}
    for timer in timers.values():
        timer.timeit(1)
    gc.collect()
    gc.freeze()
    print(json.dumps(list(timers)), flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        spent = timers[order["scenario"]].timeit(order["count"] * BLOCK)
        print(json.dumps(spent), flush=True)


if __name__ == "__main__":
    main()
