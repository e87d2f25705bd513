"""A first look at the application, so that a mistake is told once and not by every worker."""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import TYPE_CHECKING, Any

from .starting import end_by, ends_with, signals_held

if TYPE_CHECKING:
    from ...app.script_info import ScriptInfo


def _describe(info: ScriptInfo) -> dict[str, Any]:
    app = info.load_app()
    return {
        "name": app.name,
        "debug": app.debug,
        "threads": app.config["THREAD_POOL_SIZE"],
        "has_websockets": app.has_websockets(),
    }


def look_at(info: ScriptInfo) -> dict[str, Any]:
    """Load the application, so that a mistake is told once and not by every worker.

    That is done in a process that ends at once, where the system has the means: what an
    application opens when it is imported must not be shared with its workers, and SIGHUP has to
    find it new.

    :raises SystemExit: if it does not load, which has been told
    """
    if sys.platform in ("win32", "darwin"):
        return _describe(info)
    reading, writing = os.pipe()
    with signals_held():
        child = os.fork()
        if child == 0:
            end_by(signal.SIGTERM, signal.SIGINT)
            _look_and_exit(info, writing)
    with ends_with(child):
        os.close(writing)
        with open(reading, "rb") as pipe:
            told = pipe.read()
        _, result = os.waitpid(child, 0)
    status = os.waitstatus_to_exitcode(result)
    if status or not told:
        sys.exit(status or 1)
    facts: dict[str, Any] = json.loads(told)
    return facts


def _look_and_exit(info: ScriptInfo, writing: int) -> None:
    """In the child: write what there is to know, or tell the mistake."""
    import traceback

    import click

    from ...app.failures import format_failure

    status = 1
    try:
        os.write(writing, json.dumps(_describe(info)).encode())
        status = 0
    except click.ClickException as error:
        error.show()
        status = error.exit_code
    except KeyboardInterrupt:
        status = 130
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        if status and not isinstance(ended.code, int):
            # Python writes it where a process ends by itself.
            sys.stderr.write(f"{ended.code}\n")
    except Exception as error:
        sys.stderr.write(format_failure(error))
    except BaseException:
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        # Threads that the application has started are of no use here.
        os._exit(status)
