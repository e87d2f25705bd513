"""``pytest -p erlen.compat.pytest_plugin``: run a Flask project's tests on Erlen."""

from . import install

install()
