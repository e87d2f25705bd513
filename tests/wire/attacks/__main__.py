"""``make attack``: run the attacks on both interfaces, and print a line for each."""

from __future__ import annotations

import argparse
import sys
import time
import traceback

from . import attack, every, start


def main() -> int:
    parser = argparse.ArgumentParser(prog="make attack ATTACK_ARGS=", description=__doc__)
    parser.add_argument("--only", type=int, nargs="*", metavar="NUMBER", help="of these cases")
    parser.add_argument("--interface", choices=["asgi", "wsgi"], help="on this one alone")
    parser.add_argument("--times", type=int, default=1, help="how often each is run")
    chosen = parser.parse_args()
    began, failed, run = time.monotonic(), [], 0
    for interface in [chosen.interface] if chosen.interface else ["asgi", "wsgi"]:
        cases = [
            case
            for case in every()
            if interface in case.interfaces and (not chosen.only or case.number in chosen.only)
        ]
        server = start(interface)
        try:
            for case in cases * chosen.times:
                run += 1
                title = f"{interface}  case {case.number:<4} {case.kind:<14} {case.title}"
                try:
                    seconds, grown = attack(server, case)
                except Exception:
                    failed.append(title)
                    print(f"{title:<92} FAILED", flush=True)
                    traceback.print_exc()
                    print(f"-- the server's log:\n{server.log()[-3000:]}", file=sys.stderr)
                    # What is left of it must not fail the next one.
                    server.kill()
                    server = start(interface)
                else:
                    print(f"{title:<92} {seconds:6.1f} s {grown:+6.1f} MB", flush=True)
        finally:
            server.close()
    taken = time.monotonic() - began
    print(f"{run} attacks in {taken:.0f} seconds: {len(failed) or 'none'} succeeded")
    return 1 if failed or not run else 0


if __name__ == "__main__":
    sys.exit(main())
