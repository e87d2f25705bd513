"""Objects by their import name."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


class ImportStringError(ImportError):
    """An import name leads nowhere; it says how far it leads.

    :param import_name: the name
    :param exception: why it failed
    """

    def __init__(self, import_name: str, exception: BaseException) -> None:
        self.import_name = import_name
        self.exception = exception
        found = []
        failed = ""
        for part in import_name.replace(":", ".").split("."):
            name = f"{failed}.{part}" if failed else part
            failed = name
            module = import_string(name, silent=True)
            if module is None:
                break
            found.append(f"{name!r} found in {getattr(module, '__file__', None)!r}")
        tried = "\n".join(f"- {line}" for line in (*found, f"{failed!r} not found."))
        super().__init__(
            f"import_string() failed for {import_name!r}. Possible reasons are a missing"
            " __init__.py in a package, a package that is not on sys.path, a package or module"
            " name that shadows another, or a missing module, class or function."
            f"\n\nDebugged import:\n\n{tried}\n\nOriginal exception:\n\n"
            f"{type(exception).__name__}: {exception}"
        )

    def __repr__(self) -> str:
        return f"<{type(self).__name__}({self.import_name!r}, {self.exception!r})>"


def import_string(import_name: str, silent: bool = False) -> Any:
    """The object of a name such as ``package.module:attribute`` or ``package.module.attribute``.

    :param silent: return ``None`` rather than raise
    :raises ImportStringError: if it cannot be imported
    """
    import_name = import_name.replace(":", ".")
    try:
        try:
            __import__(import_name)
        except ImportError:
            if "." not in import_name:
                raise
        else:
            return sys.modules[import_name]
        module_name, attribute = import_name.rsplit(".", 1)
        module = __import__(module_name, globals(), locals(), [attribute])
        try:
            return getattr(module, attribute)
        except AttributeError as error:
            raise ImportError(error) from None
    except ImportError as error:
        if not silent:
            raise ImportStringError(import_name, error).with_traceback(
                sys.exc_info()[2]
            ) from None
    return None


def find_modules(
    import_path: str, include_packages: bool = False, recursive: bool = False
) -> Iterator[str]:
    """The names of the modules of a package.

    :param include_packages: name sub-packages too
    :param recursive: name the modules of sub-packages too
    :raises ValueError: if it is no package
    """
    from pkgutil import iter_modules

    module = import_string(import_path)
    path = getattr(module, "__path__", None)
    if path is None:
        raise ValueError(f"{import_path!r} is not a package")
    for _, name, is_package in iter_modules(path):
        name = f"{module.__name__}.{name}"
        if not is_package:
            yield name
            continue
        if include_packages:
            yield name
        if recursive:
            yield from find_modules(name, include_packages, True)
