"""The configuration: a dictionary that can be filled from several kinds of sources."""

from __future__ import annotations

import errno
import os
from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from ..walk.watching import WatchedDict

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import IO, Self

    from .application import Erlen

T = TypeVar("T")


class MissingKey(KeyError):
    """The configuration has no such key; its text tells what to do about it."""

    def __str__(self) -> str:
        return (
            f"The configuration has no key {self.args[0]!r}. Set it, or load the file or object"
            f" that does, before it is read; or read it with config.get({self.args[0]!r}). Only"
            " names in upper case are loaded."
        )


class ConfigAttribute(Generic[T]):
    """An attribute of the application that stands for a configuration key.

    :param name: the key
    :param get_converter: converts the value when it is read
    """

    def __init__(self, name: str, get_converter: Callable[[Any], T] | None = None) -> None:
        self.__name__ = name
        self.get_converter = get_converter

    @overload
    def __get__(self, obj: None, owner: None) -> Self: ...

    @overload
    def __get__(self, obj: Erlen, owner: type[Erlen]) -> T: ...

    def __get__(self, obj: Any, owner: Any = None) -> Any:
        if obj is None:
            return self
        value = obj.config[self.__name__]
        return value if self.get_converter is None else self.get_converter(value)

    def __set__(self, obj: Any, value: Any) -> None:
        obj.config[self.__name__] = value


class Config(WatchedDict[str, Any]):
    """A dictionary; only upper-case names are taken from files and objects.

    :param root_path: the folder that relative file names start from
    :param defaults: the first values
    """

    def __init__(
        self, root_path: str | os.PathLike[str], defaults: dict[str, Any] | None = None
    ) -> None:
        super().__init__(defaults or {})
        self.root_path = root_path

    # Set by the application that has derived something from the values.
    on_change: Callable[[], None] | None = None

    def _changed(self) -> None:
        if self.on_change is not None:
            self.on_change()

    def __missing__(self, key: Any) -> Any:
        raise MissingKey(key)

    def __getstate__(self) -> dict[str, Any]:
        # A copy belongs to no application.
        return {key: value for key, value in self.__dict__.items() if key != "on_change"}

    def from_envvar(self, variable_name: str, silent: bool = False) -> bool:
        """Run the Python file that an environment variable names.

        :param silent: do not mind a missing file or variable
        :returns: whether it was read
        :raises RuntimeError: if the variable is not set
        """
        path = os.environ.get(variable_name)
        if not path:
            if silent:
                return False
            raise RuntimeError(
                f"The environment variable {variable_name!r} is not set and as such configuration"
                " could not be loaded. Set this variable and make it point to a configuration"
                " file"
            )
        return self.from_pyfile(path, silent=silent)

    def from_prefixed_env(
        self, prefix: str = "FLASK", *, loads: Callable[[str], Any] | None = None
    ) -> bool:
        """Take the environment variables that begin with ``PREFIX_``, in alphabetical order.

        Values are read as JSON, or as text where they are none; ``__`` in a name leads into a
        dictionary: ``FLASK_DB__host``.

        :param loads: what reads a value; an exception from it leaves the text
        :raises TypeError: if a name leads into a value that is no dictionary
        """
        if loads is None:
            import json

            loads = json.loads
        prefix = f"{prefix}_"
        for name in sorted(os.environ):
            if not name.startswith(prefix):
                continue
            text = os.environ[name]
            try:
                value = loads(text)
            except Exception:
                value = text
            key = name.removeprefix(prefix)
            if "__" not in key:
                self[key] = value
                continue
            target: MutableMapping[str, Any] = self
            *way, last = key.split("__")
            for step in way:
                target = target.setdefault(step, {})
                if not isinstance(target, MutableMapping):
                    raise TypeError(
                        f"The environment variable {name} sets a key inside of {step!r}, but the"
                        f" configuration has a {type(target).__name__} there. Make it a"
                        " dictionary, or rename the variable: '__' leads into dictionaries."
                    )
            target[last] = value
        return True

    def from_pyfile(self, filename: str | os.PathLike[str], silent: bool = False) -> bool:
        """Run a Python file and take its upper-case names.

        :param silent: do not mind a missing file
        :returns: whether it was read
        """
        from types import ModuleType

        filename = os.path.join(self.root_path, filename)
        module = ModuleType("config")
        module.__file__ = filename
        try:
            with open(filename, mode="rb") as config_file:
                exec(compile(config_file.read(), filename, "exec"), module.__dict__)
        except OSError as error:
            if silent and error.errno in (errno.ENOENT, errno.EISDIR, errno.ENOTDIR):
                return False
            error.strerror = f"Unable to load configuration file ({error.strerror})"
            raise
        self.from_object(module)
        return True

    def from_object(self, obj: object | str) -> None:
        """Take the upper-case attributes of an object, or of the one that an import name
        tells."""
        if isinstance(obj, str):
            from .importing import import_string

            obj = import_string(obj)
        for key in dir(obj):
            if key.isupper():
                self[key] = getattr(obj, key)

    def from_file(
        self,
        filename: str | os.PathLike[str],
        load: Callable[[IO[Any]], Mapping[str, Any]],
        silent: bool = False,
        text: bool = True,
    ) -> bool:
        """Take the mapping that ``load`` reads from a file.

        :param load: a function such as ``json.load`` or ``tomllib.load``
        :param text: open it as text; ``tomllib`` wants ``False``
        :param silent: do not mind a missing file
        :returns: whether it was read
        """
        filename = os.path.join(self.root_path, filename)
        try:
            with open(filename, "r" if text else "rb") as f:
                values = load(f)
        except OSError as error:
            if silent and error.errno in (errno.ENOENT, errno.EISDIR):
                return False
            error.strerror = f"Unable to load configuration file ({error.strerror})"
            raise
        return self.from_mapping(values)

    def from_mapping(self, mapping: Mapping[str, Any] | None = None, **kwargs: Any) -> bool:
        """Take the upper-case keys of a mapping and of the keyword arguments."""
        for key, value in {**dict(mapping or {}), **kwargs}.items():
            if key.isupper():
                self[key] = value
        return True

    def get_namespace(
        self, namespace: str, lowercase: bool = True, trim_namespace: bool = True
    ) -> dict[str, Any]:
        """The values whose keys begin with ``namespace``.

        :param lowercase: put the keys in lower case
        :param trim_namespace: leave the namespace out of the keys
        """
        found = {}
        for key, value in self.items():
            if not key.startswith(namespace):
                continue
            name = key[len(namespace) :] if trim_namespace else key
            found[name.lower() if lowercase else name] = value
        return found

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {dict.__repr__(self)}>"
