"""Every documented name, and every name that published extensions import, is there."""

from __future__ import annotations

import importlib
import warnings

import pytest

from erlen.compat.names import module_names, root_of, target_of

NAMES = {
    "flask": """
        Blueprint Config Flask Request Response abort after_this_request appcontext_popped
        appcontext_pushed appcontext_tearing_down before_render_template
        copy_current_request_context current_app flash g get_flashed_messages
        get_template_attribute got_request_exception has_app_context has_request_context json
        jsonify make_response message_flashed redirect render_template render_template_string
        request request_finished request_started request_tearing_down send_file
        send_from_directory session stream_template stream_template_string stream_with_context
        template_rendered url_for
        app blueprints cli config ctx debughelpers globals helpers logging sansio sessions signals
        templating testing typing views wrappers
        """,
    "flask.app": "Flask",
    "flask.blueprints": "Blueprint BlueprintSetupState",
    "flask.cli": """
        AppGroup CertParamType FlaskGroup NoAppException ScriptInfo SeparatedPathType cli click
        find_app_by_string find_best_app get_version load_dotenv locate_app main pass_script_info
        prepare_import routes_command run_command shell_command show_server_banner
        with_appcontext
        """,
    "flask.config": "Config ConfigAttribute",
    "flask.ctx": """
        AppContext RequestContext _AppCtxGlobals after_this_request
        copy_current_request_context has_app_context has_request_context
        """,
    "flask.debughelpers": """
        DebugFilesKeyError FormDataRoutingRedirect UnexpectedUnicodeError
        attach_enctype_error_multidict
        """,
    "flask.globals": "_cv_app _cv_request app_ctx current_app g request request_ctx session",
    "flask.helpers": """
        _endpoint_from_view_func abort flash get_debug_flag get_flashed_messages get_load_dotenv
        get_root_path get_template_attribute make_response redirect send_file send_from_directory
        stream_with_context url_for
        """,
    "flask.json": "dump dumps jsonify load loads",
    "flask.json.provider": "DefaultJSONProvider JSONProvider",
    "flask.json.tag": """
        JSONTag PassDict PassList TagBytes TagDateTime TagDict TagMarkup TagTuple TagUUID
        TaggedJSONSerializer
        """,
    "flask.logging": "create_logger default_handler has_level_handler wsgi_errors_stream",
    "flask.sansio.app": "App",
    "flask.sansio.blueprints": "Blueprint BlueprintSetupState",
    "flask.sansio.scaffold": "Scaffold _endpoint_from_view_func find_package setupmethod",
    "flask.scaffold": "Scaffold _endpoint_from_view_func setupmethod",
    "flask.sessions": """
        NullSession SecureCookieSession SecureCookieSessionInterface SessionInterface
        SessionMixin session_json_serializer
        """,
    "flask.signals": """
        Namespace appcontext_popped appcontext_pushed appcontext_tearing_down
        before_render_template got_request_exception message_flashed request_finished
        request_started request_tearing_down template_rendered
        """,
    "flask.templating": """
        DispatchingJinjaLoader Environment render_template render_template_string
        stream_template stream_template_string
        """,
    "flask.testing": "EnvironBuilder FlaskClient FlaskCliRunner",
    "flask.typing": """
        AfterRequestCallable AppOrBlueprintKey BeforeFirstRequestCallable BeforeRequestCallable
        ErrorHandlerCallable HeaderValue HeadersValue ResponseClass ResponseReturnValue
        ResponseValue RouteCallable ShellContextProcessorCallable TeardownCallable
        TemplateContextProcessorCallable TemplateFilterCallable TemplateGlobalCallable
        TemplateTestCallable URLDefaultCallable URLValuePreprocessorCallable
        """,
    "flask.views": "MethodView View http_method_funcs",
    "flask.wrappers": "Request Response",
    "flask_script": "Manager",
    "werkzeug": "Client Request Response run_simple exceptions utils",
    "werkzeug._internal": "_log",
    "werkzeug._reloader": "run_with_reloader",
    "werkzeug.datastructures": """
        Accept Authorization CallbackDict CharsetAccept CombinedMultiDict ContentRange
        ContentSecurityPolicy ETags EnvironHeaders FileMultiDict FileStorage HeaderSet Headers
        IfRange ImmutableDict ImmutableList ImmutableMultiDict ImmutableOrderedMultiDict
        ImmutableTypeConversionDict LanguageAccept MIMEAccept MultiDict OrderedMultiDict Range
        RequestCacheControl ResponseCacheControl TypeConversionDict WWWAuthenticate
        iter_multi_items
        """,
    "werkzeug.datastructures.accept": "Accept CharsetAccept LanguageAccept MIMEAccept",
    "werkzeug.datastructures.auth": "Authorization WWWAuthenticate",
    "werkzeug.datastructures.cache_control": "RequestCacheControl ResponseCacheControl",
    "werkzeug.datastructures.csp": "ContentSecurityPolicy",
    "werkzeug.datastructures.etag": "ETags",
    "werkzeug.datastructures.file_storage": "FileMultiDict FileStorage",
    "werkzeug.datastructures.headers": "EnvironHeaders Headers",
    "werkzeug.datastructures.mixins": "ImmutableDictMixin",
    "werkzeug.datastructures.range": "ContentRange IfRange Range",
    "werkzeug.datastructures.structures": """
        CallbackDict CombinedMultiDict HeaderSet ImmutableDict ImmutableList ImmutableMultiDict
        ImmutableTypeConversionDict MultiDict TypeConversionDict iter_multi_items
        """,
    "werkzeug.debug": "DebuggedApplication",
    "werkzeug.exceptions": """
        Aborter BadGateway BadRequest BadRequestKeyError ClientDisconnected Conflict
        ExpectationFailed FailedDependency Forbidden GatewayTimeout Gone HTTPException
        HTTPVersionNotSupported ImATeapot InternalServerError LengthRequired Locked
        MethodNotAllowed MisdirectedRequest NotAcceptable NotFound NotImplemented
        PreconditionFailed PreconditionRequired RequestEntityTooLarge RequestHeaderFieldsTooLarge
        RequestTimeout RequestURITooLarge RequestedRangeNotSatisfiable SecurityError
        ServiceUnavailable TooManyRequests Unauthorized UnavailableForLegalReasons
        UnprocessableEntity UnsupportedMediaType abort default_exceptions
        """,
    "werkzeug.formparser": """
        FormDataParser MultiPartParser default_stream_factory parse_form_data
        """,
    "werkzeug.http": """
        COEP COOP HTTP_STATUS_CODES dump_age dump_cookie dump_csp_header dump_header
        dump_options_header generate_etag http_date is_byte_range_valid is_entity_header
        is_hop_by_hop_header is_resource_modified parse_accept_header parse_age
        parse_cache_control_header parse_content_range_header parse_cookie parse_csp_header
        parse_date parse_dict_header parse_etags parse_if_range_header parse_list_header
        parse_options_header parse_range_header parse_set_header quote_etag quote_header_value
        remove_entity_headers remove_hop_by_hop_headers unquote_etag unquote_header_value
        """,
    "werkzeug.local": "Local LocalManager LocalProxy LocalStack release_local",
    "werkzeug.middleware.dispatcher": "DispatcherMiddleware",
    "werkzeug.middleware.lint": "HTTPWarning LintMiddleware WSGIWarning",
    "werkzeug.middleware.profiler": "ProfilerMiddleware",
    "werkzeug.middleware.proxy_fix": "ProxyFix",
    "werkzeug.middleware.shared_data": "SharedDataMiddleware",
    "werkzeug.routing": """
        AnyConverter BaseConverter BuildError EndpointPrefix FloatConverter IntegerConverter Map
        MapAdapter NoMatch PathConverter RequestAliasRedirect RequestPath RequestRedirect
        RoutingException Rule RuleFactory RuleTemplate Subdomain Submount UUIDConverter
        UnicodeConverter ValidationError WebsocketMismatch
        """,
    "werkzeug.routing.converters": "BaseConverter UnicodeConverter ValidationError",
    "werkzeug.routing.exceptions": "BuildError RequestRedirect RoutingException",
    "werkzeug.routing.map": "Map MapAdapter",
    "werkzeug.routing.rules": "Rule RuleFactory Submount",
    "werkzeug.sansio.http": "is_resource_modified parse_cookie",
    "werkzeug.sansio.request": "Request",
    "werkzeug.sansio.response": "Response",
    "werkzeug.sansio.utils": "get_content_length get_host host_is_trusted",
    "werkzeug.security": "check_password_hash gen_salt generate_password_hash safe_join",
    "werkzeug.serving": """
        BaseWSGIServer WSGIRequestHandler is_running_from_reloader make_server run_simple
        """,
    "werkzeug.test": """
        Client ClientRedirectError Cookie EnvironBuilder TestResponse create_environ
        encode_multipart run_wsgi_app stream_encode_multipart
        """,
    "werkzeug.urls": "iri_to_uri uri_to_iri",
    "werkzeug.user_agent": "UserAgent",
    "werkzeug.utils": """
        ImportStringError append_slash_redirect cached_property environ_property find_modules
        get_content_type header_property import_string redirect safe_join secure_filename
        send_file send_from_directory
        """,
    "werkzeug.wrappers": "Request Response",
    "werkzeug.wrappers.request": "Request",
    "werkzeug.wrappers.response": "Response",
    "werkzeug.wsgi": """
        ClosingIterator FileWrapper LimitedStream get_content_length get_current_url get_host
        get_input_stream get_path_info host_is_trusted responder wrap_file
        """,
}


@pytest.mark.parametrize("name", NAMES)
def test_names_of_a_module(name: str) -> None:
    target = target_of(name)
    assert target is not None
    module = importlib.import_module(target)
    missing = [attribute for attribute in NAMES[name].split() if not hasattr(module, attribute)]
    assert missing == []


@pytest.mark.parametrize("name", module_names())
def test_every_answered_module_can_be_imported(name: str) -> None:
    target = target_of(name)
    assert target is not None
    importlib.import_module(target)


@pytest.mark.parametrize("name", [n for n in module_names() if "compat" in str(target_of(n))])
def test_all_lists_what_is_exported(name: str) -> None:
    module = importlib.import_module(str(target_of(name)))
    for exported in getattr(module, "__all__", ()):
        assert hasattr(module, exported)


def test_names_that_do_not_exist_in_flask_do_not_exist_here() -> None:
    flask = importlib.import_module("erlen.compat.flask")
    for name in ("Module", "removed", "Erlen", "nothing"):
        assert not hasattr(flask, name)
    assert target_of("flask.nothing") is None
    assert root_of("flaskish") is None


@pytest.mark.parametrize(
    ("name", "module", "original"),
    [
        ("Markup", "markupsafe", "Markup"),
        ("escape", "markupsafe", "escape"),
        ("safe_join", "erlen.security", "safe_join"),
    ],
)
def test_removed_names_come_back_with_a_warning(name: str, module: str, original: str) -> None:
    flask = importlib.import_module("erlen.compat.flask")
    with pytest.warns(DeprecationWarning, match=f"flask.{name}.* write: "):
        found = getattr(flask, name)
    assert found is getattr(importlib.import_module(module), original)


def test_version_warns() -> None:
    flask = importlib.import_module("erlen.compat.flask")
    with pytest.warns(DeprecationWarning, match="importlib.metadata"):
        assert flask.__version__ == "3.1.3"


def test_context_stacks_show_the_current_context() -> None:
    flask = importlib.import_module("erlen.compat.flask")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        apps, requests = flask._app_ctx_stack, flask._request_ctx_stack
    app = flask.Flask("test_names")
    assert apps.top is None
    with app.app_context() as context:
        assert apps.top is context
        assert requests.top is None
    with app.test_request_context() as context:
        assert requests.top is context


def test_the_classes_are_erlens_own() -> None:
    import erlen
    from erlen.http.exceptions import NotFound

    def get(module: str, name: str) -> object:
        return getattr(importlib.import_module(str(target_of(module))), name)

    assert get("flask", "Flask") is get("flask.sansio.app", "App") is erlen.Erlen
    assert get("werkzeug.exceptions", "NotFound") is NotFound
    assert issubclass(erlen.Response, get("werkzeug.wrappers", "Response"))  # type: ignore[arg-type]
    assert get("flask.typing", "RouteCallable") is not None
