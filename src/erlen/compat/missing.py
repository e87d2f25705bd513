"""What Flask and Werkzeug had once, or have to themselves, and where the thing is now."""

from __future__ import annotations

import sys
from functools import cache
from importlib import import_module
from opcode import opmap
from typing import Any

from .imported import look_up, origins
from .names import module_names, target_of

# By module: what is missing there, and what to write. "*" is the module itself.
_INSTEAD = {
    "flask": {
        "json_available": "nothing: JSON is always there",
        "Module": "flask.Blueprint",
    },
    "flask._compat": {"*": "nothing: it was for Python 2"},
    "flask.ext": {"*": "import flask_NAME: extensions are modules of their own"},
    "flask.globals": {
        "_app_ctx_stack": "flask.globals.app_ctx",
        "_request_ctx_stack": "flask.globals.request_ctx",
    },
    "flask.helpers": {
        "get_env": "app.debug",
        "locked_cached_property": "werkzeug.utils.cached_property",
        "total_seconds": "timedelta.total_seconds()",
    },
    "flask.json": {
        "JSONDecoder": "a subclass of flask.json.provider.DefaultJSONProvider, at app.json",
        "JSONEncoder": "a subclass of flask.json.provider.DefaultJSONProvider, at app.json",
        "htmlsafe_dumps": "the filter tojson in a template, or flask.json.dumps",
    },
    "werkzeug.contrib": {"*": "cachelib, werkzeug.middleware or the package secure-cookie"},
    "werkzeug.datastructures": {"ViewItems": "nothing: it was for Python 2"},
    "werkzeug.http": {
        "bytes_to_wsgi": "text.encode() and bytes.decode('latin-1')",
        "cookie_date": "werkzeug.http.http_date",
        "parse_authorization_header": "werkzeug.datastructures.Authorization.from_header",
        "parse_multipart_headers": "werkzeug.sansio.multipart.MultipartDecoder",
        "parse_www_authenticate_header": "werkzeug.datastructures.WWWAuthenticate.from_header",
        "wsgi_to_bytes": "text.encode('latin-1')",
    },
    "werkzeug.posixemulation": {"*": "os.replace"},
    "werkzeug.local": {
        "_ProxyLookup": "a method: erlen.context.local.LocalProxy spells out each of its own",
    },
    "werkzeug.routing.rules": {
        "RulePart": "erlen.routing.segments.Part, which Erlen's matcher has in its place",
        "Weighting": "erlen.routing.segments.Part.weight, in its place",
    },
    "werkzeug.security": {
        "pbkdf2_bin": "hashlib.pbkdf2_hmac",
        "pbkdf2_hex": "hashlib.pbkdf2_hmac(…).hex()",
        "safe_str_cmp": "hmac.compare_digest",
    },
    "werkzeug.urls": {
        "BaseURL": "urllib.parse.SplitResult",
        "Href": "urllib.parse.urljoin and urllib.parse.urlencode",
        "URL": "urllib.parse.SplitResult",
        "url_decode": "urllib.parse.parse_qs",
        "url_decode_stream": "urllib.parse.parse_qs",
        "url_encode": "urllib.parse.urlencode",
        "url_encode_stream": "urllib.parse.urlencode",
        "url_fix": "werkzeug.urls.iri_to_uri",
        "url_join": "urllib.parse.urljoin",
        "url_parse": "urllib.parse.urlsplit",
        "url_quote": "urllib.parse.quote",
        "url_quote_plus": "urllib.parse.quote_plus",
        "url_unparse": "urllib.parse.urlunsplit",
        "url_unquote": "urllib.parse.unquote",
        "url_unquote_plus": "urllib.parse.unquote_plus",
    },
    "werkzeug.useragents": {"*": "werkzeug.user_agent, or the package ua-parser"},
    "werkzeug.utils": {
        "ArgumentValidationError": "inspect.signature(f).bind",
        "HTMLBuilder": "a template, or markupsafe.Markup",
        "bind_arguments": "inspect.signature(f).bind",
        "detect_utf_encoding": "json.detect_encoding",
        "format_string": "string.Template(text).substitute",
        "html": "a template, or markupsafe.Markup",
        "invalidate_cached_property": "del obj.name",
        "unescape": "html.unescape",
        "validate_arguments": "inspect.signature(f).bind",
    },
    "werkzeug.websocket": {"*": "app.websocket"},
    "werkzeug.wrappers.json": {"*": "werkzeug.wrappers.Request and Response, which have it"},
    "werkzeug.wsgi": {
        "extract_path_info": "urllib.parse.urlsplit",
        "get_query_string": "environ['QUERY_STRING']",
        "get_script_name": "environ['SCRIPT_NAME']",
        "make_chunk_iter": "iter(lambda: stream.read(size), b'')",
        "make_line_iter": "the stream itself, which gives lines",
        "peek_path_info": "environ['PATH_INFO'].split('/')",
        "pop_path_info": "wsgiref.util.shift_path_info",
    },
}
# Answered for code of an older Flask; nobody is to be sent there.
_OLD = {"flask.scaffold", "flask_script"}
_IMPORT_FROM = opmap["IMPORT_FROM"]
# werkzeug.wrappers had a mixin for each kind of header.
_MIXINS = ("Mixin", "BaseRequest", "BaseResponse", "PlainRequest")


@cache
def _public_homes() -> dict[str, str]:
    """The module of Flask or Werkzeug that gives each public name."""
    found: dict[str, str] = {}
    # The shortest of several is the one that people are to write.
    for module in sorted(module_names(), key=lambda name: (name.count("."), len(name))):
        if module in _OLD:
            continue
        target = str(target_of(module))
        names = vars(import_module(target))
        for name, value in names.items():
            if name in names.get("__all__", ()) or getattr(value, "__module__", None) == target:
                found.setdefault(name, module)
    return found


def instead_of(module: str, name: str) -> str | None:
    """What to write in place of ``module.name``, if that is known."""
    told = _INSTEAD.get(module, {}).get(name)
    if told is not None:
        return told
    if module.startswith("werkzeug.wrappers") and name.endswith(_MIXINS):
        return "werkzeug.wrappers.Request and Response, which have all of it"
    home = None if name.startswith("_") else _public_homes().get(name)
    return None if home in (None, module) else f"{home}.{name}"


def module_instead_of(name: str) -> str | None:
    """What to write in place of an import of a module that is no more, or of one below it."""
    while name:
        told = _INSTEAD.get(name, {}).get("*")
        if told is not None:
            return told
        name = name.rpartition(".")[0]
    return None


def get(module: str, name: str, caller: Any) -> Any:
    """What a module has under a name that is not its own: the ``__getattr__`` of aliases.

    :param caller: the frame that asks
    :raises ImportError: for ``from module import name``, if it has none
    :raises AttributeError: for anything else
    """
    if name in origins().get(module, ()):
        return look_up(module, name)
    target = target_of(f"{module}.{name}")
    if target is not None and str(target_of(module)).startswith("erlen.compat"):
        return import_module(target)
    if name.startswith("__"):
        raise AttributeError(f"module {module!r} has no attribute {name!r}")
    # Python makes an ImportError of its own of an AttributeError there, and drops what it says.
    if caller.f_code.co_code[caller.f_lasti] == _IMPORT_FROM:
        raise MissingNameError(module, name)
    raise MissingAttributeError(module, name)


class MissingNameError(ImportError):
    """``from module import name`` of what Erlen does not have."""

    def __init__(self, module: str, name: str) -> None:
        super().__init__(name=module)
        self.asked = name

    def __str__(self) -> str:
        # Made when somebody reads it: most are caught by who tries one version after the other.
        module = str(self.name)
        text = (
            f"cannot import name {self.asked!r} from {module!r}, which is {target_of(module)} here"
        )
        return _with_advice(text, module, self.asked)


class MissingAttributeError(AttributeError):
    """``module.name`` of what Erlen does not have."""

    def __init__(self, module: str, name: str) -> None:
        super().__init__(name=name)
        self.module = module

    def __str__(self) -> str:
        text = f"module {self.module!r} has no attribute {self.name!r}"
        return _with_advice(text, self.module, str(self.name))


def _with_advice(text: str, module: str, name: str) -> str:
    instead = instead_of(module, name)
    return f"{text}." if instead is None else f"{text}. Write instead: {instead}"


def attach(module: Any, alias: str) -> None:
    """Give a module that stands for ``alias`` the names which that has by its own imports."""
    if alias in ("flask", "werkzeug"):
        # They ask by themselves.
        return
    names = vars(module)
    own = names.get("__getattr__")
    if getattr(own, "alias", None) == alias:
        return

    def __getattr__(name: str) -> Any:
        if own is not None:
            try:
                return own(name)
            except AttributeError:
                pass
        return get(alias, name, sys._getframe(1))

    __getattr__.alias = alias  # type: ignore[attr-defined]
    names["__getattr__"] = __getattr__
