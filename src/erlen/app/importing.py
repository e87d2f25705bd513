"""Objects and modules found by their names."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


class ImportStringError(ImportError):
    """What :func:`import_string` raises: it tells how far the import got.

    :param import_name: the name that was asked for
    :param exception: what went wrong
    """

    def __init__(self, import_name: str, exception: BaseException) -> None:
        self.import_name = import_name
        self.exception = exception
        super().__init__(import_name, exception)

    def __str__(self) -> str:
        return (
            f"{self.import_name!r} cannot be imported: {self.exception}.\n"
            f"{self._how_far()} Check the spelling, that the folder is on sys.path, that each"
            " package has an __init__.py, and that no other module has the same name."
        )

    def _how_far(self) -> str:
        found = None
        for name in _prefixes(self.import_name):
            module = import_string(name, silent=True)
            if module is None:
                break
            found = f"{name!r} was found in {getattr(module, '__file__', None)!r}"
        return f"{found}, what follows was not." if found else "No part of it was found."

    def __repr__(self) -> str:
        return f"<{type(self).__name__}({self.import_name!r}, {self.exception!r})>"


def _prefixes(name: str) -> Iterator[str]:
    """``a.b.c`` as ``a``, ``a.b``."""
    position = name.find(".")
    while position != -1:
        yield name[:position]
        position = name.find(".", position + 1)


def import_string(import_name: str, silent: bool = False) -> Any:
    """The object that a dotted name stands for.

    >>> import_string("os.path:join") is import_string("os.path.join")
    True

    :param silent: return ``None`` if there is no such object
    :raises ImportStringError: if it cannot be imported
    """
    name = import_name.replace(":", ".")
    try:
        try:
            __import__(name)
        except ImportError:
            if "." not in name:
                raise
        else:
            return sys.modules[name]
        module_name, _, attribute = name.rpartition(".")
        # With a list of names the import answers with the module itself.
        module = __import__(module_name, globals(), locals(), [attribute])
        try:
            return getattr(module, attribute)
        except AttributeError as error:
            raise ImportError(error) from None
    except ImportError as error:
        if silent:
            return None
        raise ImportStringError(name, error).with_traceback(sys.exc_info()[2]) from None


def find_modules(
    import_path: str, include_packages: bool = False, recursive: bool = False
) -> Iterator[str]:
    """The names of the modules in a package.

    :param include_packages: name the packages in it too
    :param recursive: go into them; it imports them
    :raises ValueError: if ``import_path`` is no package
    """
    from pkgutil import iter_modules

    path = getattr(import_string(import_path), "__path__", None)
    if path is None:
        raise ValueError(f"{import_path!r} is a module, not a package: it holds no modules.")
    for _, short_name, is_package in iter_modules(path):
        name = f"{import_path}.{short_name}"
        if not is_package:
            yield name
            continue
        if include_packages:
            yield name
        if recursive:
            yield from find_modules(name, include_packages, True)
