"""What a program knows of the application that it is to load."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .debugflag import get_debug_flag, get_load_dotenv
from .locate import DEFAULT_FILES, NoAppException, locate_app, prepare_import, split_import_path

if TYPE_CHECKING:
    from collections.abc import Callable

    from .application import Erlen


class ScriptInfo:
    """What a command knows of its application; it is Click's ``ctx.obj``.

    :param app_import_path: a module or file, with ``:name`` or ``:factory(args)``
    :param create_app: a function that makes the application
    :param set_debug_flag: switch debug mode as the environment says
    :param load_dotenv_defaults: read ``.env`` and ``.flaskenv``
    """

    def __init__(
        self,
        app_import_path: str | None = None,
        create_app: Callable[..., Erlen] | None = None,
        set_debug_flag: bool = True,
        load_dotenv_defaults: bool = True,
    ) -> None:
        self.app_import_path = app_import_path
        self.create_app = create_app
        #: A place for commands to share data.
        self.data: dict[Any, Any] = {}
        self.set_debug_flag = set_debug_flag
        self.load_dotenv_defaults: bool = get_load_dotenv(load_dotenv_defaults)
        self._loaded_app: Erlen | None = None

    def name_app(self, path: str) -> None:
        """Say which application to load, whatever was loaded or named before.

        :param path: as ``app_import_path``
        """
        self.app_import_path = path
        self._loaded_app = None

    def load_app(self) -> Erlen:
        """The application, loaded at the first call.

        :raises NoAppException: if there is none
        """
        if self._loaded_app is not None:
            return self._loaded_app
        app: Erlen | None = None
        if self.create_app is not None:
            app = self.create_app()
        elif self.app_import_path:
            path, name = split_import_path(self.app_import_path)
            app = locate_app(prepare_import(path), name)
        else:
            for path in DEFAULT_FILES:
                app = locate_app(prepare_import(path), None, raise_if_not_found=False)
                if app is not None:
                    break
        if app is None:
            raise NoAppException(
                "Could not locate an application. Name it, as in 'erlen run hello.py', use the"
                " '--app' option, set the 'ERLEN_APP' or 'FLASK_APP' environment variable, or put a"
                " 'wsgi.py' or 'app.py' file into the current directory."
            )
        if self.set_debug_flag:
            app.debug = get_debug_flag()
        self._loaded_app = app
        return app
