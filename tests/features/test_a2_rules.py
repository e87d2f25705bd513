"""FEATURES A2: rules, converters and blueprints, in detail."""

from __future__ import annotations

import pytest

from erlen import Blueprint, Erlen, g, request, url_for
from erlen.routing import BaseConverter, BuildError, IntegerConverter, ValidationError


@pytest.fixture
def app():
    return Erlen(__name__)


def get(app, path, **kwargs):
    return app.test_client().get(path, **kwargs)


# -- rules ---------------------------------------------------------------------------------


def test_an_endpoint_gets_its_view_later(app):
    app.add_url_rule("/early", endpoint="late")

    @app.endpoint("late")
    def anything():
        return request.endpoint

    assert get(app, "/early").text == "late"


def test_one_view_with_several_rules(app):
    @app.route("/")
    @app.route("/home")
    @app.route("/<name>/home", endpoint="named")
    def home(name="nobody"):
        return f"{request.endpoint} {name}"

    assert get(app, "/").text == get(app, "/home").text == "home nobody"
    assert get(app, "/ada/home").text == "named ada"
    with app.test_request_context():
        assert url_for("named", name="x") == "/x/home"


@pytest.mark.parametrize(
    ("rule", "fits", "fits_not"),
    [
        ("/<int(min=1,signed=True):x>", ["/1", "/99"], ["/0", "/-1", "/1.0", "/x"]),
        ("/<int(max=9):x>", ["/0", "/9"], ["/10", "/-1"]),
        ("/<int(fixed_digits=4):x>", ["/2026", "/0001"], ["/26", "/12345"]),
        ("/<float(min=0.5,max=2.5):x>", ["/0.5", "/2.5"], ["/0.4", "/2.6", "/1"]),
        ("/<float(signed=True):x>", ["/-1.5", "/1.5"], ["/1", "/.5"]),
        ("/<string(minlength=2,maxlength=3):x>", ["/ab", "/abc"], ["/a", "/abcd"]),
        ("/<string(length=2):x>", ["/de", "/ää"], ["/d", "/deu"]),
        ("/<any(about, help, 'a,b'):x>", ["/about", "/help", "/a,b"], ["/a", "/abouts"]),
        ("/<default:x>", ["/a"], ["/a/b"]),
        ("/<path:x>/end", ["/a/end", "/a/b/end"], ["/end", "/a/b"]),
    ],
)
def test_arguments_of_converters(app, rule, fits, fits_not):
    app.add_url_rule(rule, "view", lambda x: "")
    client = app.test_client()
    assert [path for path in fits if client.get(path).status_code != 200] == []
    assert [path for path in fits_not if client.get(path).status_code != 404] == []


def test_a_converter_that_refuses_is_not_found(app):
    class Even(IntegerConverter):
        def to_python(self, value):
            number = super().to_python(value)
            if number % 2:
                raise ValidationError
            return number

    app.url_map.converters["even"] = Even
    app.add_url_rule("/<even:x>", "even", lambda x: "even")
    app.add_url_rule("/<x>", "any", lambda x: "any")
    assert get(app, "/4").text == "even"
    assert get(app, "/5").status_code in (200, 404)


def test_numbers_by_another_pattern_have_a_length_too(app):
    class AnyDigits(IntegerConverter):
        regex = r"\d+"

    app.url_map.converters["digits"] = AnyDigits
    app.add_url_rule("/<digits:n>", "page", lambda n: str(n))
    client = app.test_client()
    assert client.get("/" + "1" * 1_000).text == "1" * 1_000
    assert client.get("/" + "1" * 5_000).status_code == 404


def test_a_converter_with_its_own_pattern(app):
    class Phone(BaseConverter):
        regex = r"1[34578]\d{9}"

    app.url_map.converters["phone"] = Phone
    app.add_url_rule("/<phone:number>", "phone", lambda number: number)
    assert get(app, "/13812345678").text == "13812345678"
    assert get(app, "/12345").status_code == 404


def test_the_special_rule_wins_over_the_general_one(app):
    for rule in ("/<path:x>", "/<x>", "/<int:x>", "/fixed"):
        app.add_url_rule(rule, rule, lambda x=None: request.endpoint)
    assert get(app, "/fixed").text == "/fixed"
    assert get(app, "/7").text == "/<int:x>"
    assert get(app, "/name").text == "/<x>"
    assert get(app, "/a/b").text == "/<path:x>"


def test_one_path_with_a_view_for_each_method(app):
    app.add_url_rule("/thing", "read", lambda: "read", methods=["GET"])
    app.add_url_rule("/thing", "write", lambda: "write", methods=["POST", "PUT"])
    client = app.test_client()
    assert client.get("/thing").text == "read"
    assert client.post("/thing").text == "write"
    refused = client.delete("/thing")
    assert refused.status_code == 405
    assert sorted(refused.allow) == ["GET", "HEAD", "OPTIONS", "POST", "PUT"]


def test_automatic_options_can_be_left_out(app):
    app.add_url_rule("/a", "a", lambda: "", provide_automatic_options=False)
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    app.add_url_rule("/b", "b", lambda: "")
    app.add_url_rule("/c", "c", lambda: "own", methods=["OPTIONS"])
    client = app.test_client()
    assert client.options("/a").status_code == client.options("/b").status_code == 405
    assert client.options("/c").text == "own"


@pytest.mark.parametrize("of_map", [True, False])
def test_slashes_may_be_left_as_they_are(app, of_map):
    options = {}
    if of_map:
        app.url_map.merge_slashes = False
    else:
        options = {"merge_slashes": False}
    app.add_url_rule("/a/b", "ab", lambda: "merged", **options)
    app.add_url_rule("/<path:p>", "path", lambda p: p, **options)
    assert get(app, "/a//b").text == "a//b"


def test_strictness_of_the_whole_map(app):
    app.url_map.strict_slashes = False
    app.add_url_rule("/folder/", "folder", lambda: "folder")
    assert get(app, "/folder").text == get(app, "/folder/").text == "folder"


@pytest.mark.parametrize(
    ("target", "location"),
    [
        ("/new/<id>", "/new/7"),
        ("new/<id>", "/new/7"),
        (lambda adapter, id: f"made/{id}", "/made/7"),
        (lambda adapter, id: adapter.build("page", {"id": id}), "/page/7"),
    ],
    ids=["absolute", "relative", "function", "built"],
)
def test_redirects_with_variables(app, target, location):
    app.add_url_rule("/page/<int:id>", "page", lambda id: "")
    app.add_url_rule("/old/<int:id>", "old", lambda id: "", redirect_to=target)
    response = get(app, "/old/7")
    assert (response.status_code, response.location) == (308, location)


# -- url_for -------------------------------------------------------------------------------


def test_url_for_in_all_its_forms(app):
    @app.route("/item/<int:n>/", methods=["GET", "POST"])
    def item(n):
        return ""

    with app.test_request_context("/", base_url="https://shop.example:444/root"):
        assert url_for("item", n=3) == "/root/item/3/"
        assert url_for("item", n=3, _external=True) == "https://shop.example:444/root/item/3/"
        assert url_for("item", n=3, _scheme="http").startswith("http://shop.example:444/root/")
        assert url_for("item", n=3, tag=["a", "b"], empty=None) == "/root/item/3/?tag=a&tag=b"
        with pytest.raises(BuildError, match="n"):
            url_for("item", n=None)
        assert url_for("item", n=3, q="ä&=", _anchor="x y") == "/root/item/3/?q=%C3%A4%26%3D#x%20y"
        assert url_for("item", n=3, _method="POST") == "/root/item/3/"


def test_url_for_takes_the_rule_that_fits_the_values(app):
    @app.route("/list/", defaults={"page": 1})
    @app.route("/list/<int:page>")
    @app.route("/list/<int:page>/<sort>")
    def items(page, sort="name"):
        return ""

    with app.test_request_context():
        assert url_for("items") == "/list/"
        assert url_for("items", page=1) == "/list/"
        assert url_for("items", page=2) == "/list/2"
        assert url_for("items", page=2, sort="price") == "/list/2/price"


def test_several_handlers_of_build_errors(app):
    def gives_up(error, endpoint, values):
        raise error

    def knows(error, endpoint, values):
        return f"/known/{values['x']}" if endpoint == "known" else None

    app.url_build_error_handlers += [gives_up, knows]
    with app.test_request_context():
        assert url_for("known", x=1) == "/known/1"
        with pytest.raises(BuildError, match="unknown"):
            url_for("unknown")


# -- hosts and sub-domains -----------------------------------------------------------------


def test_url_for_another_subdomain():
    app = Erlen(__name__, subdomain_matching=True)
    app.config["SERVER_NAME"] = "example.org"
    app.add_url_rule("/", "index", lambda: "")
    app.add_url_rule("/", "home", lambda user: "", subdomain="<user>")
    with app.test_request_context("/", "http://ann.example.org"):
        assert url_for("home", user="ann") == "/"
        assert url_for("home", user="bob") == "http://bob.example.org/"
        assert url_for("index") == "http://example.org/"


def test_a_blueprint_on_a_subdomain():
    app = Erlen(__name__, subdomain_matching=True)
    app.config["SERVER_NAME"] = "example.org"
    outer = Blueprint("outer", __name__, subdomain="api")
    inner = Blueprint("inner", __name__, subdomain="v1")
    outer.add_url_rule("/", "index", lambda: "api")
    inner.add_url_rule("/", "index", lambda: "v1")
    outer.register_blueprint(inner)
    app.register_blueprint(outer)
    client = app.test_client()
    assert client.get("/", base_url="http://api.example.org").text == "api"
    assert client.get("/", base_url="http://v1.api.example.org").text == "v1"
    assert client.get("/", base_url="http://example.org").status_code == 404


def test_variables_of_a_host():
    app = Erlen(__name__, host_matching=True, static_folder=None)
    app.add_url_rule("/", "shop", lambda name: name, host="<name>.shop.example")
    client = app.test_client()
    assert client.get("/", base_url="http://ada.shop.example").text == "ada"
    with app.test_request_context("/", "http://ada.shop.example"):
        assert url_for("shop", name="bob") == "http://bob.shop.example/"


# -- blueprints ----------------------------------------------------------------------------


def test_prefixes_of_blueprint_and_registration(app):
    part = Blueprint("part", __name__, url_prefix="/own")
    part.add_url_rule("/page", "page", lambda: url_for(".page"))
    part.add_url_rule("", "root", lambda: "root")
    app.register_blueprint(part)
    app.register_blueprint(part, url_prefix="/given/", name="again")
    client = app.test_client()
    assert client.get("/own/page").text == "/own/page"
    assert client.get("/given/page").text == "/given/page"
    assert client.get("/own").text == "root"
    assert set(app.blueprints) == {"part", "again"}


def test_a_registration_gives_values(app):
    part = Blueprint("part", __name__, url_defaults={"lang": "en", "kind": "a"})
    part.add_url_rule("/page", "page", lambda lang, kind: f"{lang} {kind}")
    part.add_url_rule("/own", "own", lambda lang, kind: f"{lang} {kind}", defaults={"kind": "c"})
    app.register_blueprint(part)
    app.register_blueprint(part, url_prefix="/de", name="de", url_defaults={"lang": "de"})
    client = app.test_client()
    assert client.get("/page").text == "en a"
    assert client.get("/de/page").text == "de a"
    assert client.get("/own").text == "en c"


def test_url_processors_of_a_blueprint(app):
    part = Blueprint("part", __name__, url_prefix="/<lang>")

    @part.url_value_preprocessor
    def pull(endpoint, values):
        g.lang = values.pop("lang")

    @part.url_defaults
    def push(endpoint, values):
        values.setdefault("lang", g.lang)

    @part.app_url_value_preprocessor
    def everywhere(endpoint, values):
        g.endpoint = endpoint

    part.add_url_rule("/about", "about", lambda: f"{g.lang} {url_for('.about')} {g.endpoint}")
    app.add_url_rule("/plain", "plain", lambda: g.endpoint)
    app.register_blueprint(part)
    client = app.test_client()
    assert client.get("/en/about").text == "en /en/about part.about"
    assert client.get("/plain").text == "plain"


def test_nested_blueprints_add_prefixes_and_names(app):
    api, v1, users = (
        Blueprint(name, __name__, url_prefix=f"/{name}") for name in ("api", "v1", "u")
    )
    users.add_url_rule(
        "/<int:id>", "show", lambda id: f"{request.endpoint} {url_for('.show', id=8)}"
    )
    v1.register_blueprint(users)
    api.register_blueprint(v1)
    app.register_blueprint(api)
    assert get(app, "/api/v1/u/7").text == "api.v1.u.show /api/v1/u/8"


def test_static_files_of_a_blueprint(app, tmp_path):
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "a.txt").write_text("of the part")
    part = Blueprint(
        "part", __name__, root_path=str(tmp_path), static_folder="static", url_prefix="/part"
    )
    app.register_blueprint(part)
    assert get(app, "/part/static/a.txt").data == b"of the part"
    with app.test_request_context():
        assert url_for("part.static", filename="a.txt") == "/part/static/a.txt"
    with part.open_resource("static/a.txt") as file:
        assert file.read() == b"of the part"


def test_what_a_blueprint_records(app):
    seen = []
    part = Blueprint("part", __name__)
    part.record(lambda state: seen.append((state.app.name, state.options.get("own"))))
    part.record_once(lambda state: seen.append("once"))
    app.register_blueprint(part, own=1)
    app.register_blueprint(part, own=2, name="again")
    assert seen == [(app.name, 1), "once", (app.name, 2)]
