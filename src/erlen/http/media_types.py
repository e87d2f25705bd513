"""The media types of files, by the endings of their names."""

from __future__ import annotations

from functools import cache
from os.path import basename, splitext

#: What browsers load, whatever the table of the machine says: one that has ``.js`` as plain text
#: breaks every page.
PINNED: dict[str, str] = {
    ".avif": "image/avif",
    ".css": "text/css",
    ".csv": "text/csv",
    ".gif": "image/gif",
    ".htm": "text/html",
    ".html": "text/html",
    ".ico": "image/vnd.microsoft.icon",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".js": "text/javascript",
    ".json": "application/json",
    ".m4a": "audio/mp4",
    ".map": "application/json",
    ".md": "text/markdown",
    ".mjs": "text/javascript",
    ".mp3": "audio/mpeg",
    ".mp4": "video/mp4",
    ".otf": "font/otf",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".ttf": "font/ttf",
    ".txt": "text/plain",
    ".vtt": "text/vtt",
    ".wasm": "application/wasm",
    ".webm": "video/webm",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
    ".xhtml": "application/xhtml+xml",
}


@cache
def _tables() -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """Types, content codings and the long forms of short endings (``.tgz``): copies of what the
    standard library knows of this machine, with what the program has added by then."""
    import mimetypes

    if not mimetypes.inited:
        mimetypes.init()
    return (
        {**mimetypes.types_map, **PINNED},
        dict(mimetypes.encodings_map),
        dict(mimetypes.suffix_map),
    )


def guess_type(name: str) -> tuple[str | None, str | None]:
    """The media type and the content coding of a file, ``None`` for what its name does not tell.

    The name may come from outside: it is no URL, and nothing is kept of it.

    >>> guess_type("notes.css.gz")
    ('text/css', 'gzip')
    """
    types, codings, longer = _tables()
    stem, ending = splitext(basename(name))
    while (long := longer.get(ending.lower())) is not None:
        stem, ending = splitext(stem + long)
    coding = codings.get(ending) or codings.get(ending.lower())
    if coding is not None:
        ending = splitext(stem)[1]
    return types.get(ending.lower()), coding
