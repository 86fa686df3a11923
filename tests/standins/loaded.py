"""`python -m tests.standins.loaded MODULE`: the top-level modules that importing MODULE loads."""

from __future__ import annotations

import importlib
import sys

if __name__ == "__main__":
    importlib.import_module(sys.argv[1])
    sys.stdout.write("\n".join(sorted({name.partition(".")[0] for name in sys.modules})))
