"""WSGI applications that wrap another one."""
