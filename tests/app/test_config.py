from __future__ import annotations

import copy
import json
import pickle
import tomllib
from datetime import timedelta

import pytest

from erlen import Erlen
from erlen.app.config import Config, ConfigAttribute


@pytest.fixture
def config(tmp_path):
    return Config(tmp_path)


def test_the_defaults_are_the_first_values(tmp_path):
    defaults = {"A": 1}
    config = Config(tmp_path, defaults)
    config["A"] = 2
    assert config == {"A": 2}
    assert defaults == {"A": 1}
    assert repr(config) == "<Config {'A': 2}>"


def test_only_upper_case_names_of_an_object_are_taken(config):
    class Base:
        TESTING = False
        inherited = "no"

    class Settings(Base):
        SECRET = "s"
        Mixed = "no"
        _UNDERLINED = "taken"

    config.from_object(Settings)
    assert config == {"TESTING": False, "SECRET": "s", "_UNDERLINED": "taken"}


def test_a_property_is_taken_from_an_instance(config):
    class Settings:
        HOST = "db"

        @property
        def DATABASE_URI(self):
            return f"mysql://{self.HOST}"

    config.from_object(Settings())
    assert config["DATABASE_URI"] == "mysql://db"


@pytest.mark.parametrize(
    "name", ["config_settings", "config_settings.Live", "config_settings:Live"]
)
def test_an_object_by_its_import_name(config, tmp_path, monkeypatch, name):
    (tmp_path / "config_settings.py").write_text("A = 1\nclass Live:\n    A = 2\n")
    monkeypatch.syspath_prepend(tmp_path)
    config.from_object(name)
    assert config == {"A": 1 if name == "config_settings" else 2}


def test_a_wrong_import_name_is_told(config):
    with pytest.raises(ImportError, match=r"no_such_settings\.Live"):
        config.from_object("no_such_settings.Live")


def test_a_mapping_is_no_object(config):
    """A dictionary has no upper-case attributes: from_mapping is for it."""
    config.from_object({"A": 1})
    assert config == {}


def test_a_python_file(config, tmp_path):
    (tmp_path / "settings.cfg").write_text("A = __file__\nb = 1\nC = [n for n in range(3)]\n")
    assert config.from_pyfile("settings.cfg") is True
    assert config == {"A": str(tmp_path / "settings.cfg"), "C": [0, 1, 2]}


def test_a_python_file_may_declare_its_encoding(config, tmp_path):
    text = "# -*- coding: latin-1 -*-\nNAME = 'größe'\n"
    (tmp_path / "settings.py").write_bytes(text.encode("latin-1"))
    config.from_pyfile("settings.py")
    assert config["NAME"] == "größe"


def test_a_mistake_in_a_python_file_shows_its_line(config, tmp_path):
    (tmp_path / "settings.py").write_text("A = 1\nB = 1 / 0\n")
    with pytest.raises(ZeroDivisionError) as caught:
        config.from_pyfile("settings.py")
    last = caught.traceback[-1]
    assert (str(last.path), last.lineno + 1) == (str(tmp_path / "settings.py"), 2)


def read_python(config, name, silent):
    return config.from_pyfile(name, silent=silent)


def read_json(config, name, silent):
    return config.from_file(name, json.load, silent=silent)


@pytest.mark.parametrize("read", [read_python, read_json])
def test_a_missing_file(config, tmp_path, read):
    with pytest.raises(FileNotFoundError) as caught:
        read(config, "none.cfg", silent=False)
    assert caught.value.strerror.startswith("Unable to load configuration file (No such file")
    assert str(tmp_path / "none.cfg") in str(caught.value)
    assert read(config, "none.cfg", silent=True) is False


@pytest.mark.parametrize("read", [read_python, read_json])
def test_a_folder_in_place_of_a_file(config, tmp_path, read):
    (tmp_path / "folder").mkdir()
    assert read(config, "folder", silent=True) is False
    with pytest.raises(IsADirectoryError):
        read(config, "folder", silent=False)


def test_a_file_of_any_format(config, tmp_path):
    (tmp_path / "c.json").write_text('{"A": {"b": "ä"}, "ignored": 1}', encoding="utf-8")
    (tmp_path / "c.toml").write_text("B = 2\n[TABLE]\nkey = 'v'\n")
    assert config.from_file("c.json", json.load) is True
    assert config.from_file("c.toml", tomllib.load, text=False) is True
    assert config == {"A": {"b": "ä"}, "B": 2, "TABLE": {"key": "v"}}


def test_mappings_and_keyword_arguments(config):
    assert config.from_mapping({"A": 1, "B": 1, "lower": 1}, B=2, C=3, d=4) is True
    assert config == {"A": 1, "B": 2, "C": 3}
    assert config.from_mapping() is True
    with pytest.raises(TypeError):
        config.from_mapping({"A": 1}, {"B": 2})


def test_a_file_that_an_environment_variable_names(config, tmp_path, monkeypatch):
    (tmp_path / "settings.py").write_text("A = 1\n")
    monkeypatch.setenv("OWN_SETTINGS", "settings.py")
    assert config.from_envvar("OWN_SETTINGS") is True
    assert config == {"A": 1}
    monkeypatch.setenv("OWN_SETTINGS", "none.py")
    assert config.from_envvar("OWN_SETTINGS", silent=True) is False
    with pytest.raises(FileNotFoundError):
        config.from_envvar("OWN_SETTINGS")


@pytest.mark.parametrize("value", [None, ""], ids=["unset", "empty"])
def test_the_error_names_the_environment_variable(config, monkeypatch, value):
    if value is None:
        monkeypatch.delenv("OWN_SETTINGS", raising=False)
    else:
        monkeypatch.setenv("OWN_SETTINGS", value)
    with pytest.raises(RuntimeError, match=r"'OWN_SETTINGS' is not set.*Set this variable"):
        config.from_envvar("OWN_SETTINGS")
    assert config.from_envvar("OWN_SETTINGS", silent=True) is False


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("1.5", 1.5),
        ("true", True),
        ("null", None),
        ("[1, 2]", [1, 2]),
        ('"1"', "1"),
        ("True", "True"),
        ("text", "text"),
        ("", ""),
        ("{", "{"),
    ],
)
def test_prefixed_environment_variables_are_json_or_text(config, monkeypatch, text, value):
    monkeypatch.setenv("OWN_KEY", text)
    assert config.from_prefixed_env("OWN") is True
    assert config == {"KEY": value}


def test_the_default_prefix_and_another_reader(config, monkeypatch):
    monkeypatch.setenv("FLASK_OWN_KEY", "abc")
    config.from_prefixed_env(loads=str.upper)
    assert config["OWN_KEY"] == "ABC"


def test_any_exception_of_the_reader_leaves_the_text(config, monkeypatch):
    def fail(text):
        raise KeyError(text)

    monkeypatch.setenv("OWN_KEY", "1")
    config.from_prefixed_env("OWN", loads=fail)
    assert config == {"KEY": "1"}


def test_double_underscores_lead_into_dictionaries(config, monkeypatch):
    config["DB"] = {"host": "old", "port": 1}
    for name, value in {
        "OWN_DB__host": "new",
        "OWN_DB__pool__size": "5",
        "OWN_NEW__a__b": "1",
    }.items():
        monkeypatch.setenv(name, value)
    config.from_prefixed_env("OWN")
    assert config == {
        "DB": {"host": "new", "port": 1, "pool": {"size": 5}},
        "NEW": {"a": {"b": 1}},
    }


def test_a_name_that_leads_into_something_else_is_told(config, monkeypatch):
    config["TEXT"] = "not a dictionary"
    monkeypatch.setenv("OWN_TEXT__a", "2")
    with pytest.raises(TypeError):
        config.from_prefixed_env("OWN")
    assert config["TEXT"] == "not a dictionary"


def test_another_prefix_is_left_alone(config, monkeypatch):
    monkeypatch.setenv("OWNER_KEY", "1")
    monkeypatch.setenv("NOT_OWN_KEY", "1")
    config.from_prefixed_env("OWN")
    assert config == {}


def test_namespaces(config):
    config.update(IMAGE_STORE_TYPE="fs", IMAGE_STORE_BASE_URL="http://x", OTHER=1)
    assert config.get_namespace("IMAGE_STORE_") == {"type": "fs", "base_url": "http://x"}
    assert config.get_namespace("IMAGE_STORE_", lowercase=False) == {
        "TYPE": "fs",
        "BASE_URL": "http://x",
    }
    assert config.get_namespace("IMAGE_STORE_", trim_namespace=False) == {
        "image_store_type": "fs",
        "image_store_base_url": "http://x",
    }


@pytest.mark.parametrize(
    "copied", [copy.copy, copy.deepcopy, lambda c: pickle.loads(pickle.dumps(c))]
)
def test_a_copy_keeps_its_class_and_belongs_to_no_application(copied):
    app = Erlen(__name__)
    app.config["A"] = [1]
    other = copied(app.config)
    other["A"] = 2
    assert type(other) is Config
    assert app.config["A"] == [1]
    assert other.root_path == app.config.root_path


def test_an_attribute_that_stands_for_a_key():
    class App(Erlen):
        limit = ConfigAttribute("LIMIT", get_converter=int)
        title = ConfigAttribute("TITLE")

    app = App(__name__)
    app.config["LIMIT"] = "5"
    app.title = "Shop"
    assert app.limit == 5
    assert app.config["TITLE"] == "Shop"
    assert isinstance(App.limit, ConfigAttribute)


def test_the_attributes_of_the_application():
    app = Erlen(__name__)
    app.secret_key = "s"
    app.testing = True
    app.permanent_session_lifetime = 60
    assert app.config["SECRET_KEY"] == "s"
    assert app.config["TESTING"] is True
    assert app.permanent_session_lifetime == timedelta(minutes=1)
    app.config["PERMANENT_SESSION_LIFETIME"] = timedelta(days=2)
    assert app.permanent_session_lifetime == timedelta(days=2)


def test_the_class_and_the_folder_of_the_configuration(tmp_path):
    class OwnConfig(Config):
        """Its class is that of the application's attribute."""

    class App(Erlen):
        config_class = OwnConfig

    instance = tmp_path / "instance"
    app = App(__name__, root_path=str(tmp_path), instance_path=str(instance))
    assert type(app.config) is OwnConfig
    assert app.config.root_path == str(tmp_path)
    relative = App(__name__, instance_path=str(instance), instance_relative_config=True)
    assert relative.config.root_path == str(instance)


def test_a_relative_instance_path_is_refused():
    with pytest.raises(ValueError, match="must be absolute"):
        Erlen(__name__, instance_path="instance")


def test_applications_do_not_share_their_configuration():
    one, two = Erlen("one"), Erlen("two")
    one.config["A"] = 1
    assert "A" not in two.config
    assert "A" not in Erlen.default_config
