"""``pytest -p erlen.compat.pytest_plugin`` runs the tests of a Flask application or extension on
Erlen.

It takes effect when it is imported: ``-p`` is read before ``conftest.py`` and other plugins.
"""

from __future__ import annotations

from . import install

install()
