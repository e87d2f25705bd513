"""Files as responses (RFC 9110, sections 13 and 14; RFC 6266 for their names)."""

from __future__ import annotations

import os
import re
from functools import lru_cache
from io import BytesIO, FileIO, TextIOBase
from stat import S_ISLNK, S_ISREG
from time import time
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple
from urllib.parse import quote
from zlib import adler32

from .conditional_response import failed_condition
from .dates import http_date
from .exceptions import NotFound, RequestedRangeNotSatisfiable
from .grammar import dump_options_header
from .media_types import guess_type
from .paths import is_inside, safe_join
from .response import Response, _pairs_of
from .response_headers import ResponseHeaders
from .streams import wrap_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

# RFC 8187, 3.2.1: attr-char.
_ATTR_SAFE = "!#$&+-.^_`|~"
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
# PERF: a file of so many bytes is read by one call, and not handed to the server to be read.
_READ_AT_ONCE = 64 * 1024
_READING = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)

_CONDITIONAL_METHODS = frozenset({"GET", "HEAD"})
_ACCEPTS_RANGES = ("Accept-Ranges", "bytes")
# What a subclass may have replaced.
_INIT = Response.__init__
_MAKE_CONDITIONAL = Response.make_conditional


@lru_cache(maxsize=256)
def _disposition(kind: str, name: str) -> str:
    """The ``Content-Disposition`` of a download name."""
    name = _CONTROL.sub("_", name)
    if name.isascii():
        return dump_options_header(kind, {"filename": name})
    import unicodedata

    simple = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii")
    # RFC 6266, appendix D: both, for clients that do not know the extended form.
    plain = dump_options_header(kind, {"filename": simple})
    # The name of a file on disk need not be text (PEP 383).
    return f"{plain}; filename*=UTF-8''{quote(name, safe=_ATTR_SAFE, errors='replace')}"


class _Description(NamedTuple):
    """What the headers tell about a file; ``date`` and ``tag`` are empty for one without a path.

    ``whole`` is all that stays the same while the file does, without the length.
    """

    mimetype: str
    pairs: tuple[tuple[str, str], ...]
    date: str
    tag: str
    whole: tuple[tuple[str, str], ...]


def _describe(
    path: str | None,
    size: int | None,
    mtime: float | None,
    mimetype: str | None,
    name: str | None,
    as_attachment: bool,
) -> _Description:
    """:func:`send_file`'s arguments, and what the file system tells, as headers.

    :raises TypeError: without a name or media type
    """
    if name is None and path is not None:
        name = os.path.basename(path)
    encoding = None
    if mimetype is None:
        if name is None:
            raise TypeError(
                "Unable to detect the MIME type because a file name is not available. Either set"
                " 'download_name', pass a file path instead of a file, or set 'mimetype'."
            )
        kind, encoding = guess_type(name)
        mimetype = kind or "application/octet-stream"
        # A download is saved as it is; shown, it is decoded by the client first.
        if as_attachment:
            encoding = None
    # What comes from outside is checked; the rest is written here.
    pairs: list[tuple[str, str]] = []
    if name is not None:
        kind = "attachment" if as_attachment else "inline"
        pairs.append(("Content-Disposition", _disposition(kind, name)))
    elif as_attachment:
        raise TypeError(
            "No name provided for attachment. Either set 'download_name' or pass a file path"
            " instead of a file."
        )
    if encoding is not None:
        pairs.append(("Content-Encoding", encoding))
    date = tag = ""
    whole = list(pairs)
    if path is not None:
        date = http_date(mtime)
        # As above: the name need not be text.
        checksum = adler32(path.encode(errors="surrogateescape")) & 0xFFFFFFFF
        tag = f'"{mtime}-{size}-{checksum}"'
        whole += ("Last-Modified", date), ("ETag", tag), _pairs_of(mimetype)[0], _ACCEPTS_RANGES
    if size is not None:
        pairs.append(("Content-Length", str(size)))
    return _Description(mimetype, tuple(pairs), date, tag, tuple(whole))


# PERF: the same each time for a file that has not changed; its size and date are among the
# arguments.
_describe_known = lru_cache(maxsize=1024)(_describe)


def send_file(
    path_or_file: os.PathLike[str] | str | BinaryIO,
    environ: dict[str, Any],
    mimetype: str | None = None,
    as_attachment: bool = False,
    download_name: str | None = None,
    conditional: bool = True,
    etag: bool | str = True,
    last_modified: datetime | int | float | None = None,
    max_age: int | Callable[[str | None], int | None] | None = None,
    use_x_sendfile: bool = False,
    response_class: type[Response] | None = None,
    _root_path: str | os.PathLike[str] | None = None,
) -> Response:
    """A response with the content of a file.

    :param path_or_file: a path, relative to the working directory, or a binary file object
    :param environ: the WSGI environment of the request
    :param mimetype: the media type; by default guessed from the name
    :param as_attachment: offer to save the file
    :param download_name: the name to offer
    :param conditional: answer conditional and range requests
    :param etag: ``False`` for none, or the tag to use
    :param last_modified: when it changed last, in place of the file's own date
    :param max_age: seconds that clients may keep it, or a function of the path
    :param use_x_sendfile: let the server in front send the file (``X-Sendfile``)
    :param response_class: the class of the response
    :raises TypeError: without a name or media type
    :raises ValueError: for a file in text mode
    """
    path: str | None = None
    stat: os.stat_result | None = None
    if isinstance(path_or_file, (str, os.PathLike)) or hasattr(path_or_file, "__fspath__"):
        named: Any = path_or_file
        given: str = os.fspath(named)
        path = os.path.abspath(given) if _root_path is None else os.path.join(_root_path, given)
        stat = os.stat(path)
    elif isinstance(path_or_file, TextIOBase):
        raise ValueError("Files must be opened in binary mode or use BytesIO.")
    return _send(
        path, stat, path_or_file if path is None else None, environ, mimetype, as_attachment,
        download_name, conditional, etag, last_modified, max_age, use_x_sendfile,
        response_class or Response,
    )  # fmt: skip


def _send(
    path: str | None,
    stat: os.stat_result | None,
    file: Any,
    environ: dict[str, Any],
    mimetype: str | None,
    as_attachment: bool,
    download_name: str | None,
    conditional: bool,
    etag: bool | str,
    last_modified: datetime | int | float | None,
    max_age: int | Callable[[str | None], int | None] | None,
    use_x_sendfile: bool,
    response_class: type[Response],
) -> Response:
    """:func:`send_file` with a path that was looked at, or a file object.

    A file that changes has both: what it was when it was opened, and what was opened.
    """
    size: int | None = None
    opened = None if stat is None else file
    if stat is not None:
        size = stat.st_size
        described = _describe_known(
            path, size, stat.st_mtime, mimetype, download_name, as_attachment
        )
    else:
        if isinstance(file, BytesIO):
            size = file.getbuffer().nbytes
        described = _describe(None, size, None, mimetype, download_name, as_attachment)
    if callable(max_age):
        max_age = max_age(path)
    is_range = "HTTP_RANGE" in environ
    if (
        path is not None
        and size is not None
        and conditional
        and etag is True
        and last_modified is None
        and not use_x_sendfile
        and not is_range
        and environ["REQUEST_METHOD"] in _CONDITIONAL_METHODS
        and response_class._writes_plainly
        and response_class.automatically_set_content_length
        and response_class.__new__ is object.__new__
        and response_class.__init__ is _INIT
        and response_class.make_conditional is _MAKE_CONDITIONAL
        and stat is not None
        and file is None
        and (known := _send_known(path, stat, described, environ, max_age, response_class))
        is not None
    ):
        return known
    pairs = list(described.pairs)
    # Without its quotes; that of a file of the system is never empty.
    tag: str | None = described.tag[1:-1] or None
    date = described.date
    if last_modified is not None:
        date = http_date(last_modified)
    if etag is not True:
        tag = etag if isinstance(etag, str) else None
    if date:
        pairs.append(("Last-Modified", date))
    pairs += _of_second(int(time()), max_age)[1:]
    headers = ResponseHeaders._adopt(pairs)
    response = response_class(None, mimetype=described.mimetype, headers=headers)
    if tag is not None:
        response.set_etag(tag)
    # A range is cut from the open file; any other condition is answered before opening it.
    if conditional and not is_range and path is not None:
        status = response.status_code
        response.make_conditional(environ, accept_ranges=True, complete_length=size)
        if response.status_code != status:
            # Nothing follows.
            headers.remove("Content-Length")
            return response
    if use_x_sendfile and path is not None:
        # The server in front cuts the range.
        headers.set("X-Sendfile", path)
        file = path = None
    if path is not None:
        # Without a buffer: it is read in large pieces.
        content = None
        assert stat is not None
        if opened is None and stat.st_size <= _READ_AT_ONCE and not is_range:
            content = _read(path, stat)
        if content is not None:
            response.response = (content,)
            response.direct_passthrough = True
            return response
        file = opened or FileIO(path)
        now = os.fstat(file.fileno())
        if _identity(now) != _identity(stat):
            # It was replaced or changed since it was looked at: what is told is told of this one.
            return _send(
                path, now, file, environ, mimetype, as_attachment, download_name, conditional,
                etag, last_modified, max_age, use_x_sendfile, response_class,
            )  # fmt: skip
    if file is not None:
        response.response = wrap_file(environ, file)
        response.direct_passthrough = True
        if conditional and (is_range or path is None):
            try:
                response.make_conditional(environ, accept_ranges=True, complete_length=size)
            except RequestedRangeNotSatisfiable:
                file.close()
                raise
    return response


def _identity(stat: os.stat_result) -> tuple[Any, ...]:
    return stat.st_ino, stat.st_mtime, stat.st_size, stat.st_dev


def _read(path: str, stat: os.stat_result) -> bytes | None:
    """The content of a file; ``None`` if it is not the one that was looked at."""
    descriptor = os.open(path, _READING)
    try:
        if _identity(os.fstat(descriptor)) != _identity(stat):
            return None
        size = stat.st_size
        content = os.read(descriptor, size + 1)
    finally:
        os.close(descriptor)
    return content if len(content) == size else None


@lru_cache(maxsize=64)
def _of_second(second: int, max_age: int | None) -> tuple[tuple[str, str], ...]:
    """The date, and for how long clients may keep the answer: until they are told, or not without
    asking."""
    date = ("Date", http_date(second))
    if max_age is None:
        return date, ("Cache-Control", "no-cache")
    kind = "public" if max_age > 0 else "no-cache"
    expires = http_date(second + max_age)
    return date, ("Cache-Control", f"{kind}, max-age={max_age}"), ("Expires", expires)


def _send_known(
    path: str,
    stat: os.stat_result,
    described: _Description,
    environ: dict[str, Any],
    max_age: int | None,
    cls: type[Response],
) -> Response | None:
    """PERF: what :func:`send_file` answers with a class that makes its responses and conditions as
    the HTTP one does, to a GET or HEAD without a range; ``None`` for a file that is large, or is
    being changed."""
    pairs = [*described.whole, *_of_second(int(time()), max_age)]
    code = failed_condition(environ, described.tag, described.date)
    if code == 304:
        return cls._adopt(pairs, code)
    if code is not None:
        return None
    if stat.st_size > _READ_AT_ONCE or (content := _read(path, stat)) is None:
        return None
    response = cls._adopt(pairs, cls.default_status, content)
    response.direct_passthrough = True
    return response


def send_from_directory(
    directory: os.PathLike[str] | str,
    path: os.PathLike[str] | str,
    environ: dict[str, Any],
    mimetype: str | None = None,
    as_attachment: bool = False,
    download_name: str | None = None,
    conditional: bool = True,
    etag: bool | str = True,
    last_modified: datetime | int | float | None = None,
    max_age: int | Callable[[str | None], int | None] | None = None,
    use_x_sendfile: bool = False,
    response_class: type[Response] | None = None,
    _root_path: str | os.PathLike[str] | None = None,
) -> Response:
    """A response with a file inside of ``directory``; the other arguments are those of
    :func:`send_file`.

    :param directory: a folder that the program chose
    :param path: a path inside of it, which may come from the client
    :raises NotFound: (404) for a path that leads out of the folder, be it by a symbolic link, or
        to no file
    """
    folder, name = os.fspath(directory), os.fspath(path)
    if _root_path is not None and folder[:1] != os.sep:
        folder = os.path.join(_root_path, folder)
    found = safe_join(folder, name)
    if found is None:
        raise NotFound()
    # A path that is no text for the operating system (NUL) is no file either.
    try:
        stat = os.lstat(found)
        # PERF: of a file that is no link itself, only the folders in between are looked at.
        is_link = S_ISLNK(stat.st_mode)
        if (is_link or "/" in name) and not is_inside(
            folder, found if is_link else found[: found.rindex("/")]
        ):
            raise NotFound()
        if is_link:
            stat = os.stat(found)
    except (OSError, ValueError):
        raise NotFound() from None
    if not S_ISREG(stat.st_mode):
        raise NotFound()
    if _root_path is None:
        found = os.path.abspath(found)
    return _send(
        found, stat, None, environ, mimetype, as_attachment, download_name, conditional, etag,
        last_modified, max_age, use_x_sendfile, response_class or Response,
    )  # fmt: skip
