"""pyinfra's command line as floatip starts it: `python -m floatip.runs.program …`, for `python -m pyinfra …`.

It is there sooner (`floatip.hosts.patched`), and so are its packets.
"""

from __future__ import annotations

import floatip.hosts.patched  # noqa: F401 - whatever opens sockets is imported after it

# isort: split

import sys

from pyinfra_cli.main import main  # type: ignore[import-untyped]

from floatip.hosts import undelayed  # noqa: F401
from floatip.runs import pyinfra_words

if __name__ == "__main__":
    sys.argv[0] = "pyinfra"
    pyinfra_words.speak()
    main()
