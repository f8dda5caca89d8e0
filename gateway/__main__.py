"""``label-gateway``, and ``python -m gateway``."""

from __future__ import annotations

import sys


def main() -> int:
    """Run one command; return its exit code."""
    from gateway.cli.program import run_program

    return run_program(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
