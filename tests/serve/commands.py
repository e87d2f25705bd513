"""Runs commands of Erlen, each in a fork of this process, which has imported what they need.

A line of standard input is a list of arguments, and a line of standard output the exit status and
the output of the command.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
import traceback

import granian  # noqa: F401

import erlen.serve.production  # noqa: F401
from erlen.cli import main

# None of these commands is to run longer.
_SECONDS = 30


def run(arguments: list[str]) -> tuple[int, str]:
    with tempfile.TemporaryFile() as output:
        child = os.fork()
        if child == 0:
            run_and_exit(arguments, output.fileno())
        _, result = os.waitpid(child, 0)
        output.seek(0)
        return os.waitstatus_to_exitcode(result), output.read().decode()


def run_and_exit(arguments: list[str], output: int) -> None:
    status = 1
    try:
        signal.alarm(_SECONDS)
        os.dup2(output, 1)
        os.dup2(output, 2)
        sys.path.insert(0, "")
        sys.argv = ["erlen", *arguments]
        main()
        status = 0
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


for line in sys.stdin:
    print(json.dumps(run(json.loads(line))), flush=True)
