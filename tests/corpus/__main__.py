"""`python -m tests.corpus DIR`."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.corpus.cases import cases
from tests.corpus.table import rows, shown

if len(sys.argv) != 2 or not Path(sys.argv[1]).is_dir():
    raise SystemExit("python -m tests.corpus DIRECTORY")
print("\n".join(shown(rows(cases(Path(sys.argv[1]))))))
