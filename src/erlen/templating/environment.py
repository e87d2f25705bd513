"""The Jinja environment of an application, and where its templates are."""

from __future__ import annotations

from collections import ChainMap
from typing import TYPE_CHECKING, Any, ClassVar
from weakref import ref

from jinja2 import BaseLoader, TemplateNotFound
from jinja2 import Environment as BaseEnvironment
from jinja2 import Template as BaseTemplate
from jinja2.runtime import new_context
from jinja2.utils import LRUCache

from ..context.contexts import context_var
from .compiler import Context, Generator, escape_text, escaped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from jinja2.compiler import CodeGenerator
    from jinja2.runtime import Context as BaseContext

    from .application import Application, TemplateOwner

    Source = tuple[str, str | None, Callable[[], bool] | None]


class TemplateCache(LRUCache):
    """Keeps the templates that were loaded."""

    def get(self, key: Any, default: Any = None) -> Any:
        # PERF: while there is room for all, nobody asks which was used last. Jinja2 looks through
        # its list of them.
        if len(self._mapping) < self.capacity:
            return self._mapping.get(key, default)
        return super().get(key, default)


class Template(BaseTemplate):
    """A Jinja template that makes its contexts faster."""

    def new_context(
        self,
        vars: dict[str, Any] | None = None,
        shared: bool = False,
        locals: Mapping[str, Any] | None = None,
    ) -> BaseContext:
        """A context with the template's globals; see :meth:`jinja2.Template.new_context`."""
        chain: Any = self.globals
        environment = self.environment
        if chain.__class__ is ChainMap:
            # PERF: Jinja2 copies them twice, and a chain has to be asked name by name.
            maps = [mapping for mapping in chain.maps if mapping]
            flat = maps[0] if len(maps) == 1 else {k: chain[k] for k in chain}
            if environment.context_class is Context and not shared and not locals:
                context = Context(environment, {**flat, **(vars or {})}, self.name, self.blocks)
                context.globals_keys = flat.keys()  # type: ignore[assignment]
                return context
            chain = flat
        return new_context(environment, self.name, self.blocks, vars, shared, chain, locals)


class OfApplication:
    """What belongs to an application, which it does not keep alive."""

    @property
    def app(self) -> Application:
        """The application."""
        app = self._app()
        assert app is not None, "The application of these templates is gone."
        return app

    @app.setter
    def app(self, app: Application) -> None:
        self._app = ref(app)


class Environment(OfApplication, BaseEnvironment):
    """A Jinja environment that finds templates in the application and its blueprints.

    :param app: the application
    :param options: those of :class:`jinja2.Environment`
    """

    template_class: type[BaseTemplate] = Template
    code_generator_class: type[CodeGenerator] = Generator
    context_class: type[BaseContext] = Context
    # What the generator's code asks for.
    escape_text: ClassVar[staticmethod[..., Any]] = staticmethod(escape_text)
    escaped: ClassVar[staticmethod[..., Any]] = staticmethod(escaped)

    #: What templates call as it is; ``None`` where contexts of another class are asked.
    url_for: Callable[..., str] | None = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        # A sandbox that follows in the order of the bases goes on looking at each attribute, and
        # an environment for native types goes on writing them.
        for name in ("getattr", "code_generator_class", "context_class"):
            following = getattr(super(), name)
            if getattr(cls, name) is getattr(Environment, name) and following is not getattr(
                BaseEnvironment, name
            ):
                setattr(cls, name, following)

    @property
    def dictionary(self) -> type[Any] | None:
        """The class whose items templates may ask for themselves; ``None`` where this is left to
        a :meth:`getattr` of somebody else's."""
        is_own = type(self).getattr is Environment.getattr and "getattr" not in self.__dict__
        return dict if is_own else None

    def __init__(self, app: Application, **options: Any) -> None:
        if "loader" not in options:
            options["loader"] = app.create_global_jinja_loader()
        super().__init__(**options)
        self.app = app
        cache: Any = self.cache
        if type(cache) is LRUCache:
            cache = TemplateCache(cache.capacity)
        self.cache = cache

    def getattr(self, obj: Any, attribute: str) -> Any:
        """What ``obj.attribute`` is in a template; see :meth:`jinja2.Environment.getattr`."""
        try:
            return getattr(obj, attribute)
        except AttributeError:
            return self.item_of(obj, attribute)

    def item_of(self, obj: Any, attribute: str) -> Any:
        """What ``obj.attribute`` is where ``obj`` has no such attribute: its item, or undefined."""
        try:
            return obj[attribute]
        except (TypeError, LookupError, AttributeError):
            return self.undefined(obj=obj, name=attribute)


def not_found(name: str, folders: list[str]) -> TemplateNotFound:
    """The error for a template that nobody has.

    Its text is the name alone, as clients may be shown it; who reads the traceback sees the folders
    that were searched.
    """
    where = ", ".join(folders) or "no folder: the application has no template folder"
    error = TemplateNotFound(name)
    error.add_note(
        f"It was not found in {where}. Put the file there, or set EXPLAIN_TEMPLATE_LOADING to see"
        " in the log where each loader looks."
    )
    return error


class DispatchingJinjaLoader(OfApplication, BaseLoader):
    """Looks into the application's template folder, then into those of its blueprints.

    :param app: the application
    """

    def __init__(self, app: Application) -> None:
        self.app = app

    def get_source(self, environment: BaseEnvironment, template: str) -> Source:
        """The source of a template.

        :raises TemplateNotFound: if no loader has it
        """
        if self.app.config["EXPLAIN_TEMPLATE_LOADING"]:
            return self._get_source_explained(environment, template)
        for _, loader in self._iter_loaders(template):
            try:
                return loader.get_source(environment, template)
            except TemplateNotFound:
                continue
        raise not_found(template, self._folders())

    def _folders(self) -> list[str]:
        folders: list[str] = []
        for _, loader in self._iter_loaders(""):
            folders += [str(path) for path in getattr(loader, "searchpath", ())]
        return folders

    def _get_source_explained(self, environment: BaseEnvironment, template: str) -> Source:
        attempts: list[tuple[BaseLoader, TemplateOwner, Source | None]] = []
        first: Source | None = None
        for owner, loader in self._iter_loaders(template):
            try:
                source: Source | None = loader.get_source(environment, template)
            except TemplateNotFound:
                source = None
            first = first or source
            attempts.append((loader, owner, source))
        explain_template_loading_attempts(self.app, template, attempts)
        if first is None:
            raise not_found(template, self._folders())
        return first

    def _iter_loaders(self, template: str) -> Iterator[tuple[TemplateOwner, BaseLoader]]:
        loader = self.app.jinja_loader
        if loader is not None:
            yield self.app, loader
        for blueprint in self.app.iter_blueprints():
            loader = blueprint.jinja_loader
            if loader is not None:
                yield blueprint, loader

    def list_templates(self) -> list[str]:
        """The names of all templates."""
        names: set[str] = set()
        for _, loader in self._iter_loaders(""):
            names.update(loader.list_templates())
        return list(names)


def explain_template_loading_attempts(
    app: Application, template: str, attempts: list[tuple[BaseLoader, TemplateOwner, Source | None]]
) -> None:
    """Log where a template was looked for, and which of several wins."""
    lines = [f"Locating template {template!r}:"]
    found = 0
    context = context_var.get(None)
    blueprint = None
    if context is not None and context.request_context is not None:
        blueprint = context.request_context.request.blueprint
    for number, (loader, owner, source) in enumerate(attempts, 1):
        if owner is app:
            what = f"application {app.import_name!r}"
        else:
            what = f"blueprint {owner.name!r} ({owner.import_name})"
        lines.append(f"{number:5}: trying loader of {what}")
        kind = type(loader)
        lines.append(f"       class: {kind.__module__}.{kind.__name__}")
        for key, value in sorted(loader.__dict__.items()):
            if key.startswith("_") or isinstance(value, bool):
                continue
            if isinstance(value, (tuple, list)) and all(isinstance(x, str) for x in value):
                lines.append(f"       {key}:")
                lines.extend(f"         - {item}" for item in value)
            elif isinstance(value, (str, int, float)):
                lines.append(f"       {key}: {value!r}")
        if source is None:
            lines.append("       -> no match")
        else:
            lines.append(f"       -> found ({source[1] or '<string>'!r})")
            found += 1
    if found == 0:
        lines.append("Error: the template could not be found.")
    elif found > 1:
        lines.append("Warning: multiple loaders returned a match for the template.")
    if blueprint is not None and found != 1:
        lines.append(
            f"  The template was looked up from an endpoint that belongs to the blueprint"
            f" {blueprint!r}."
        )
        lines.append("  Maybe you did not place a template in the right folder?")
        lines.append("  See https://flask.palletsprojects.com/blueprints/#templates")
    app.logger.info("\n".join(lines))


def create_environment(app: Application, url_for: Callable[..., str]) -> Environment:
    """The Jinja environment with the application's options and globals.

    :param url_for: builds the URLs of the application
    """
    from ..context.proxies import g, request, session
    from ..sessions.flashing import get_flashed_messages

    options = dict(app.jinja_options)
    # By weak references, so that dropping the application frees it at once.
    this: Any = ref(app)
    options.setdefault("autoescape", lambda name: this().select_jinja_autoescape(name))
    if "auto_reload" not in options:
        reload = app.config["TEMPLATES_AUTO_RELOAD"]
        options["auto_reload"] = app.debug if reload is None else reload
    environment: Environment = app.jinja_environment(app, **options)

    if environment.context_class is Context:
        environment.url_for = url_for
    environment.globals.update(
        url_for=url_for,
        get_flashed_messages=get_flashed_messages,
        config=app.config,
        # Imported templates have no context, so the proxies are globals too.
        request=request,
        session=session,
        g=g,
    )
    # Through the application, whose provider may be set later.
    environment.policies["json.dumps_function"] = lambda obj, **kwargs: this().json.dumps(
        obj, **kwargs
    )
    return environment
