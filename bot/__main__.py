"""`python -m bot`: a running service is asked first, which takes no heavy import; else the command line does the work."""

from __future__ import annotations

import os
import sys

from bot.service.client import Unserved, ask


def main() -> None:
    """The exit code is 0 done, 1 some items failed, 2 usage, 69 a needed service is missing."""
    os.umask(0o077)  # what is written, from the store to an export, is nobody else's to read
    try:
        sys.exit(ask(sys.argv[1:]))
    except Unserved as error:
        printed, read = error.printed, error.read
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left in it has no reader
        sys.exit(1)
    from bot.cli import run_here

    run_here(printed, read)


if __name__ == "__main__":
    main()
