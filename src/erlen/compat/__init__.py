"""The names ``flask`` and ``werkzeug``, meaning Erlen.

>>> import erlen.compat
>>> erlen.compat.install()
>>> from flask import Flask

Existing applications and extensions then run unmodified.  ``python -m erlen.compat app.py`` and
``erlen --flask`` do it for a whole program.
"""

from .finder import install, is_installed, uninstall

__all__ = ["install", "is_installed", "uninstall"]
