"""The names that modules of Flask and Werkzeug have by their own imports alone.

Public code takes them from there: ``from flask.app import request``. What each module has is known
here, so that what it lacks on Flask is missing here too, and nobody's probe for a version is
misled. The tables are of Flask 3.1.3 and Werkzeug 3.1.9, and are read when a name is first missed.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any, NamedTuple, TypeVar

from .names import target_of

# Where a name is from, whichever module has it; behind "=" its name there. Of "-" are
# modules, and of "typing.TypeVar" the variables of signatures.
_HOMES = """
-: _json=json _sansio_http=werkzeug.sansio.http _sansio_utils=werkzeug.sansio.utils ast base64
    binascii c=collections.abc cli=flask.cli click client=http.client code codecs contextvars
    dataclasses decimal difflib ds=werkzeug.datastructures email errno
    exceptions=werkzeug.exceptions fnmatch ft=flask.typing functools getpass hashlib hmac
    http=werkzeug.http importlib inspect io itertools json linecache mimetypes os pkgutil platform
    posixpath=os.path re secrets selectors socket socketserver ssl subprocess sys sysconfig
    threading time traceback types unicodedata urllib uuid warnings weakref werkzeug
base64: b64decode b64encode
click: ParameterSource
click.testing: CliRunner Result
collections: defaultdict deque
contextlib: ExitStack contextmanager
contextvars: ContextVar
copy: copy deepcopy
dataclasses: dataclass field
datetime: date datetime dt=datetime timedelta timezone
enum: Enum auto
erlen.app.application: _make_timedelta
erlen.app.locate: _called_with_wrong_args
erlen.cli.options: _set_app _set_debug
erlen.compat.private: _get_server=get_server _iter_encoded=iter_encoded
    _prepare_send_file_kwargs=prepare_send_file_kwargs
erlen.compat.serving: ForkingWSGIServer LISTEN_QUEUE _ansi_style _log_add_style can_fork
    connection_dropped_errors get_interface_ip get_sockaddr is_ssl_error select_address_family
erlen.context.contexts: _no_app_msg=NO_APP_MESSAGE _no_req_msg=NO_REQUEST_MESSAGE
erlen.context.messages: _split_blueprint_path=blueprint_path
erlen.debug.pin: PIN_TIME
erlen.http.accept: _normalize_mime
erlen.http.caching: _CacheControl=CacheControl cache_control_property
erlen.http.conditional: _entity_headers=_ENTITY_HEADERS _hop_by_hop_headers=_HOP_BY_HOP_HEADERS
erlen.http.csp: csp_property
erlen.http.environ_builder: _iter_data=_iter_fields
erlen.http.paths: _windows_device_files=WINDOWS_DEVICES
erlen.http.urls: _decode_idna _urlencode=dump_query
erlen.routing.converters: DEFAULT_CONVERTERS
erlen.security: _hash_internal=_hash
erlen.sessions.secure_cookie: _lazy_sha1
erlen.templating.environment: DispatchingJinjaLoader Environment explain_template_loading_attempts
flask.blueprints: Blueprint
flask.cli: AppGroup ScriptInfo
flask.ctx: AppContext RequestContext
flask.globals: _cv_app _cv_request current_app g request request_ctx session
flask.helpers: get_debug_flag get_flashed_messages get_load_dotenv send_from_directory
    stream_with_context
flask.json.tag: TaggedJSONSerializer
flask.sansio.app: App
flask.sansio.blueprints: SansioBlueprint=Blueprint
flask.sessions: SecureCookieSessionInterface SessionInterface SessionMixin
flask.signals: appcontext_popped appcontext_pushed appcontext_tearing_down got_request_exception
    message_flashed request_finished request_started request_tearing_down
functools: cache partial update_wrapper
http: HTTPStatus
http.server: BaseHTTPRequestHandler HTTPServer
inspect: cleandoc iscoroutinefunction
io: BytesIO
itertools: chain repeat
itsdangerous: BadSignature URLSafeTimedSerializer
jinja2: BaseEnvironment=Environment BaseLoader TemplateNotFound
markupsafe: Markup escape
multiprocessing: Value
operator: attrgetter itemgetter
os: fsdecode fspath
os.path: basename join
pathlib: PurePath
pprint: pformat
random: random
re: RegexType=Pattern
socketserver: ForkingMixIn
tempfile: SpooledTemporaryFile TemporaryFile
textwrap: wrap
time: mktime struct_time
traceback: format_exception_only
types: CodeType ModuleType TracebackType
urllib.parse: _url_quote=quote parse_qsl quote unquote urlencode urljoin urlparse urlsplit
    urlunsplit
uuid: UUID
werkzeug._internal: _DictAccessorProperty _TAccessorValue _dt_as_utc _get_environ _log _missing
    _plain_int _wsgi_decoding_dance _wsgi_encoding_dance
werkzeug.datastructures: Accept Authorization CallbackDict CharsetAccept CombinedMultiDict
    ContentRange ContentSecurityPolicy ETags EnvironHeaders FileMultiDict FileStorage HeaderSet
    Headers IfRange ImmutableDict ImmutableDictMixin ImmutableHeadersMixin ImmutableList
    ImmutableListMixin ImmutableMultiDict ImmutableMultiDictMixin LanguageAccept MIMEAccept
    MultiDict Range RequestCacheControl ResponseCacheControl UpdateDictMixin WWWAuthenticate
    iter_multi_items
werkzeug.debug.console: Console
werkzeug.debug.repr: debug_repr dump helper
werkzeug.debug.tbtools: DebugFrameSummary render_console_html
werkzeug.exceptions: BadHost BadRequestKeyError ClientDisconnected HTTPException
    InternalServerError MethodNotAllowed NotFound RequestEntityTooLarge
    RequestedRangeNotSatisfiable SecurityError _wz_abort=abort
werkzeug.http: COEP COOP HTTP_STATUS_CODES dump_age dump_cookie dump_header dump_options_header
    generate_etag http_date is_resource_modified parse_accept_header parse_age
    parse_cache_control_header parse_content_range_header parse_cookie parse_csp_header parse_date
    parse_dict_header parse_etags parse_if_range_header parse_list_header parse_options_header
    parse_range_header parse_set_header quote_etag quote_header_value unquote_etag
werkzeug.routing: BuildError MapAdapter NoMatch RequestAliasRedirect RequestPath RequestRedirect
    RoutingException Rule ValidationError WebsocketMismatch parse_converter_args
werkzeug.routing.matcher: StateMachineMatcher
werkzeug.sansio.multipart: Data Epilogue Field File MultipartDecoder MultipartEncoder NeedData
    Preamble
werkzeug.sansio.request: _SansIORequest=Request
werkzeug.sansio.response: _SansIOResponse=Response
werkzeug.sansio.utils: host_is_trusted
werkzeug.security: gen_salt
typing.TypeVar: F K T T_shell_context_processor T_teardown T_template_filter T_template_global
    T_template_test V _T _TAnyAccept _TAnyCC _TAnyCSP _TAnyMultiDict
werkzeug.serving: is_running_from_reloader run_simple
werkzeug.test: Client
werkzeug.urls: iri_to_uri uri_to_iri
werkzeug.user_agent: UserAgent
werkzeug.utils: _wz_redirect=redirect cached_property get_content_type header_property
    import_string send_file
werkzeug.wrappers: BaseRequest=Request BaseResponse=Response RequestBase=Request
    ResponseBase=Response ResponseStream
werkzeug.wsgi: ClosingIterator FileWrapper _RangeWrapper get_content_length get_current_url
    get_host get_input_stream get_path_info wrap_file
zlib: adler32
"""

# What each module has; behind "=" from elsewhere than the table above says.
_NAMES = """
flask.app: App AppContext BadRequestKeyError BaseResponse BuildError Environment HTTPException
    Headers ImmutableDict InternalServerError MapAdapter Request=flask.wrappers:Request
    RequestContext RequestRedirect Response=flask.wrappers:Response RoutingException Rule
    SecureCookieSessionInterface SessionInterface T_shell_context_processor T_teardown
    T_template_filter T_template_global T_template_test TracebackType _cv_app _cv_request
    _make_timedelta _url_quote appcontext_tearing_down chain cli click current_app ft g
    get_debug_flag get_flashed_messages get_host get_load_dotenv got_request_exception
    is_running_from_reloader iscoroutinefunction os request request_ctx request_finished
    request_started request_tearing_down send_from_directory session sys timedelta weakref
flask.blueprints: AppGroup SansioBlueprint current_app os send_from_directory timedelta
flask.cli: F ModuleType ParameterSource _called_with_wrong_args _set_app _set_debug ast
    current_app import_string importlib inspect is_running_from_reloader itemgetter os platform re
    run_simple traceback update_wrapper
flask.config: import_string json types
flask.ctx: F HTTPException TracebackType appcontext_popped appcontext_pushed contextvars ft sys
    update_wrapper
flask.debughelpers: App BaseLoader Blueprint RequestRedirect explain_template_loading_attempts
    request_ctx
flask.globals: ContextVar _no_app_msg _no_req_msg
flask.helpers: BaseResponse _cv_app _cv_request _prepare_send_file_kwargs _split_blueprint_path
    _wz_abort _wz_redirect cache current_app datetime importlib message_flashed os request
    request_ctx session sys update_wrapper werkzeug
flask.json: _json current_app
flask.json.provider: dataclasses decimal uuid weakref
flask.json.tag: UUID b64decode b64encode
flask.logging: request
flask.sessions: BadSignature CallbackDict TaggedJSONSerializer URLSafeTimedSerializer _lazy_sha1 c
    datetime hashlib timezone
flask.templating: BaseEnvironment BaseLoader DispatchingJinjaLoader Environment
    Template=jinja2:Template TemplateNotFound _cv_app _cv_request current_app request
    stream_with_context
flask.testing: BaseRequest CliRunner ExitStack Result ScriptInfo SessionMixin TracebackType
    contextmanager copy importlib urlsplit werkzeug
flask.views: F current_app ft request
flask.wrappers: HTTPException RequestBase ResponseBase _split_blueprint_path current_app
    json=flask.json
werkzeug._internal: sys timezone
werkzeug._reloader: PurePath _log chain fnmatch subprocess threading
werkzeug.datastructures.accept: ImmutableList _normalize_mime codecs re
werkzeug.datastructures.auth: CallbackDict base64 binascii dump_header parse_dict_header
    quote_header_value
werkzeug.datastructures.cache_control: CallbackDict ImmutableDictMixin _CacheControl
    cache_control_property cleandoc http
werkzeug.datastructures.csp: CallbackDict csp_property
werkzeug.datastructures.file_storage: BytesIO Headers MultiDict _plain_int fsdecode fspath http
    mimetypes os
werkzeug.datastructures.headers: BadRequestKeyError ImmutableHeadersMixin MultiDict T _missing
    http iter_multi_items re
werkzeug.datastructures.mixins: F K T V _missing repeat update_wrapper
werkzeug.datastructures.range: T datetime http
werkzeug.datastructures.structures: ImmutableListMixin ImmutableMultiDictMixin K T UpdateDictMixin
    V _missing deepcopy exceptions http
werkzeug.debug: BytesIO Console DebugFrameSummary ExitStack NotFound PIN_TIME
    Request=werkzeug.wrappers:Request Response=werkzeug.wrappers:Response SecurityError Value _log
    adler32 basename chain gen_salt getpass hashlib host_is_trusted join json os parse_cookie
    pkgutil re render_console_html send_file sys time uuid
werkzeug.debug.console: CodeType ContextVar code debug_repr dump escape helper sys
werkzeug.debug.repr: RegexType codecs deque escape format_exception_only re sys
werkzeug.debug.tbtools: Console cached_property escape itertools linecache os re sys sysconfig
    traceback
werkzeug.exceptions: Markup _get_environ datetime
werkzeug.formparser: BytesIO Data Epilogue F Field File FileStorage Headers MultiDict
    MultipartDecoder NeedData RequestEntityTooLarge SpooledTemporaryFile _plain_int
    get_content_length get_input_stream parse_options_header parse_qsl
werkzeug.http: Enum _TAnyAccept _TAnyCC _TAnyCSP _dt_as_utc _entity_headers _hop_by_hop_headers
    _plain_int _sansio_http date datetime ds email mktime quote re struct_time time=datetime:time
    timedelta timezone unquote warnings
werkzeug.local: ClosingIterator F attrgetter partial update_wrapper
werkzeug.middleware.http_proxy: client
werkzeug.middleware.lint: FileWrapper TracebackType urlparse
werkzeug.middleware.proxy_fix: parse_list_header
werkzeug.middleware.shared_data: BytesIO adler32 get_content_type get_path_info importlib
    is_resource_modified mimetypes posixpath timezone
werkzeug.routing: StateMachineMatcher
werkzeug.routing.converters: quote uuid
werkzeug.routing.exceptions: difflib
werkzeug.routing.map: BadHost BuildError DEFAULT_CONVERTERS HTTPException ImmutableDict
    MethodNotAllowed MultiDict NoMatch NotFound RequestAliasRedirect RequestPath RequestRedirect
    Rule StateMachineMatcher WebsocketMismatch _get_environ _urlencode _wsgi_decoding_dance
    get_host pformat quote urljoin urlunsplit warnings
werkzeug.routing.matcher: NoMatch RequestAliasRedirect RequestPath Rule ValidationError dataclass
    field re
werkzeug.routing.rules: CodeType Template=string:Template ValidationError _urlencode ast dataclass
    iter_multi_items parse_converter_args quote re
werkzeug.sansio.http: _dt_as_utc datetime ds generate_etag parse_date parse_etags
    parse_if_range_header re unquote_etag
werkzeug.sansio.multipart: Enum Headers RequestEntityTooLarge auto dataclass parse_options_header
    re
werkzeug.sansio.request: Accept Authorization CharsetAccept ETags HeaderSet Headers IfRange
    ImmutableList ImmutableMultiDict LanguageAccept MIMEAccept MultiDict Range RequestCacheControl
    UserAgent cached_property datetime get_content_length=werkzeug.sansio.utils:get_content_length
    get_current_url=werkzeug.sansio.utils:get_current_url get_host=werkzeug.sansio.utils:get_host
    header_property parse_accept_header parse_cache_control_header
    parse_cookie=werkzeug.sansio.http:parse_cookie parse_date parse_etags parse_if_range_header
    parse_list_header parse_options_header parse_qsl parse_range_header parse_set_header
werkzeug.sansio.response: COEP COOP CallbackDict ContentRange ContentSecurityPolicy HTTPStatus
    HTTP_STATUS_CODES HeaderSet Headers ResponseCacheControl WWWAuthenticate datetime dump_age
    dump_cookie dump_header dump_options_header get_content_type header_property http_date
    parse_age parse_cache_control_header parse_content_range_header parse_csp_header parse_date
    parse_options_header parse_set_header quote_etag timedelta timezone unquote_etag
werkzeug.sansio.utils: SecurityError _plain_int parse_set_header quote re uri_to_iri
werkzeug.security: _hash_internal _windows_device_files hashlib hmac os posixpath secrets
werkzeug.serving: BaseHTTPRequestHandler ForkingMixIn ForkingWSGIServer HTTPServer
    InternalServerError LISTEN_QUEUE _ansi_style _log _log_add_style _wsgi_encoding_dance can_fork
    connection_dropped_errors dt errno get_interface_ip get_sockaddr io is_ssl_error
    parse_set_header select_address_family selectors socket socketserver ssl sys timedelta
    timezone unquote uri_to_iri urlsplit
werkzeug.test: Authorization BytesIO CallbackDict ClosingIterator CombinedMultiDict Data
    EnvironHeaders Epilogue Field File FileMultiDict Headers MultiDict MultipartEncoder Preamble
    Request=werkzeug.wrappers:Request Response=werkzeug.wrappers:Response TemporaryFile
    _TAnyMultiDict _get_environ _iter_data _urlencode _wsgi_decoding_dance _wsgi_encoding_dance
    cached_property chain dataclasses datetime defaultdict dump_cookie dump_options_header
    get_content_type get_current_url iri_to_uri mimetypes parse_cookie parse_date
    parse_options_header random sys time=time:time unquote urlsplit urlunsplit
werkzeug.testapp: Request=werkzeug.wrappers:Request escape importlib wrap
werkzeug.urls: _decode_idna _urlencode codecs iter_multi_items quote re unquote urlencode urllib
    urlsplit urlunsplit
werkzeug.utils: Headers NotFound RequestedRangeNotSatisfiable _DictAccessorProperty _T
    _TAccessorValue _missing _windows_device_files adler32 datetime escape io mimetypes os pkgutil
    quote re sys time=time:time unicodedata wrap_file
werkzeug.wrappers.request: FileStorage _SansIORequest _get_server _wsgi_decoding_dance functools
    iter_multi_items
werkzeug.wrappers.response: HTTPStatus ResponseStream _RangeWrapper _SansIOResponse _get_environ
    _iter_encoded get_current_url http_date is_resource_modified json parse_etags
    parse_range_header urljoin
werkzeug.wsgi: ClientDisconnected RequestEntityTooLarge _get_server _sansio_utils io partial
    update_wrapper
"""


class Origin(NamedTuple):
    """Where an object is found: a module and a name in it, or the module itself."""

    module: str
    name: str | None


def _read(table: str) -> dict[str, list[str]]:
    lines = table.strip().replace("\n    ", " ").splitlines()
    return {head: words.split() for head, _, words in (line.partition(": ") for line in lines)}


@cache
def origins() -> dict[str, dict[str, Origin]]:
    """For each module that has more names than its own: where each of them is from."""
    homes: dict[str, Origin] = {}
    for home, words in _read(_HOMES).items():
        for word in words:
            name, _, other = word.partition("=")
            homes[name] = (
                Origin(other or name, None) if home == "-" else Origin(home, other or name)
            )
    found: dict[str, dict[str, Origin]] = {}
    for module, words in _read(_NAMES).items():
        names = found[module] = {}
        for word in words:
            name, _, elsewhere = word.partition("=")
            home, _, other = elsewhere.partition(":")
            names[name] = Origin(home, other or None) if home else homes[name]
    return found


def look_up(module: str, name: str) -> Any:
    """What ``module`` of Flask or Werkzeug has under a name that is not its own.

    :raises AttributeError: if it has none
    """
    origin = origins().get(module, {}).get(name)
    if origin is None:
        raise AttributeError(name)
    if origin.module == "typing.TypeVar":
        return TypeVar(name)  # pyright: ignore[reportGeneralTypeIssues]
    found = import_module(target_of(origin.module) or origin.module)
    return found if origin.name is None else getattr(found, origin.name)
