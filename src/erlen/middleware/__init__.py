"""WSGI middleware: applications around applications."""
