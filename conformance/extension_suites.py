"""The suites of extensions, and the applications that stand in for those that ship none."""

from __future__ import annotations

from dataclasses import dataclass

from suites import Suite


@dataclass(frozen=True)
class Extension:
    """An extension with its own suite.

    :param title: the name that people know
    :param calls_client: whether its tests call the application by the test client, which can do so
        by WSGI and by ASGI
    """

    title: str
    suite: Suite
    calls_client: bool = True


@dataclass(frozen=True)
class Application:
    """An application of ours with one or more extensions, which a browser uses.

    :param title: what it is made of
    :param tests: the file of its tests
    """

    title: str
    tests: str


def without(*names: str) -> tuple[str, ...]:
    """The arguments for pytest that leave tests out: those whose name begins so."""
    return ("tests", *(part for name in names for part in ("--deselect", f"tests/{name}")))


ERRORS = ("filterwarnings = error",)

# Those that take longest come first, so that they do not run alone at the end.
EXTENSIONS = (
    Extension(
        "Flask-Migrate",
        Suite(
            package="flask_migrate",
            version="4.1.0",
            sha256="1a336b06eb2c3ace005f5f2ded8641d534c18798d64061f6ff11f79e1434126d",
            reference={"passed": 7, "failed": 0, "skipped": 0},
        ),
        # They run commands.
        calls_client=False,
    ),
    Extension(
        "Flask-Limiter",
        Suite(
            package="flask_limiter",
            version="4.1.1",
            sha256="ca11608fc7eec43dcea606964ca07c3bd4ec1ae89043a0f67f717899a4f48106",
            reference={"passed": 111, "failed": 0, "skipped": 1},
            # These start Redis, Memcached and MongoDB in Docker, or ask for a fixture that is
            # not in the archive.
            arguments=without(
                "test_commands.py::test_clear_limits",
                "test_configuration.py::test_constructor_arguments_over_config",
                "test_error_handling.py::test_fallback_to_memory",
                "test_flask_ext.py::test_custom_key_prefix",
                "test_flask_ext.py::test_custom_meta_limits",
                "test_flask_ext.py::test_reset_unsupported",
                "test_regressions.py::test_custom_key_prefix_with_headers",
                "test_regressions.py::test_redis_request_slower",
                "test_storage.py",
            ),
        ),
    ),
    Extension(
        "Flask-Caching",
        Suite(
            package="flask_caching",
            version="2.5.1",
            sha256="f75b451fde3faac0e278da72263818134deca8c4ba6bb07b9b3b238991368dae",
            reference={"passed": 208, "failed": 0, "skipped": 3},
            settings=(
                "filterwarnings =",
                "    error",
                "    default::pytest.PytestUnraisableExceptionWarning",
            ),
            # These start Redis and Memcached, or would write to a Redis that runs already.
            arguments=without(
                "test_backend_cache.py::TestRedisCache",
                "test_backend_cache.py::TestMemcachedCache",
                "test_basic_app.py::test_init_app_multi_apps",
                "test_basic_app.py::test_app_redis_cache",
                "test_cache.py::test_cache_unlink",
                "test_init.py::test_init_nullcache[MemcachedCache]",
            ),
        ),
    ),
    Extension(
        "Flask-SQLAlchemy",
        Suite(
            package="flask_sqlalchemy",
            version="3.1.1",
            sha256="e4b68bb881802dda1a7d878b2fc84c06d1ee57fb40b874d3dc97dabfa36b8312",
            reference={"passed": 450, "failed": 2, "skipped": 0},
            settings=ERRORS,
        ),
    ),
    Extension(
        "Flask-RESTful",
        Suite(
            package="Flask-RESTful",
            version="0.3.10",
            sha256="fe4af2ef0027df8f9b4f797aba20c5566801b6ade995ac63b588abf1a59cec37",
            reference={"passed": 93, "failed": 39, "skipped": 0},
            # The other files need pytest 3 or Flask 2.2.
            arguments=(
                "tests/test_accept.py",
                "tests/test_api_with_blueprint.py",
                "tests/test_cors.py",
                "tests/test_reqparse.py",
            ),
        ),
    ),
    Extension(
        "Flask-CORS",
        Suite(
            package="flask_cors",
            version="6.0.5",
            sha256="30c5031552cd59f620ac0c8211dac45b345d3b2df310e7721879e4f46ef9c601",
            reference={"passed": 98, "failed": 0, "skipped": 1},
        ),
    ),
    Extension(
        "Flask-SocketIO",
        Suite(
            package="flask_socketio",
            version="5.7.0",
            sha256="aa01e50106962808dadc245407c3b6354295b1526e888bd154dc7ff4801a7c88",
            reference={"passed": 43, "failed": 0, "skipped": 0},
            tests="test_socketio.py",
        ),
    ),
    Extension(
        "Flask-WTF",
        Suite(
            package="flask_wtf",
            version="1.3.0",
            sha256="61d5dabc50c3df885c297dcbd80810443a5d632106c8a69cab8ce740f0cdd7cc",
            reference={"passed": 85, "failed": 0, "skipped": 0},
            settings=ERRORS,
        ),
    ),
    Extension(
        "Flask-Login",
        Suite(
            package="Flask-Login",
            version="0.6.3",
            sha256="5e23d14a607ef12806c699590b89d0f0e0d67baeec599d75947bf9c147330333",
            reference={"passed": 114, "failed": 0, "skipped": 0},
        ),
    ),
    Extension(
        "Flask-Moment",
        Suite(
            package="flask_moment",
            version="1.0.6",
            sha256="2f8969907cbacde4a88319792e8f920ba5c9dd9d99ced2346cad563795302b88",
            reference={"passed": 43, "failed": 0, "skipped": 0},
        ),
    ),
)

APPLICATIONS = (
    Application("Flask-Session", "test_sessions.py"),
    Application("Bootstrap-Flask", "test_bootstrap.py"),
    Application("Flask-Login, Flask-WTF, Flask-SQLAlchemy", "test_notebook.py"),
)
