"""uWSGI from a wheel, which has no ``python -m`` of its own; ``pyuwsgi`` becomes the server."""

import sys

import pyuwsgi

if __name__ == "__main__":
    pyuwsgi.run(sys.argv[1:])
