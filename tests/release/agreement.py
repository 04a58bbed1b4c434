"""One version, in one file: the tag and CHANGELOG.md have to say the same."""

from __future__ import annotations

import re
from collections.abc import Sequence

UNRELEASED = "Unreleased"


def disagreements(version: str, changelog: str, tags: Sequence[str], changed: str = "") -> list[str]:
    """Why this is not to be released. `tags`: of the present commit; `changed`: what git says is not committed."""
    headings = re.findall(r"^## (.+)$", changelog, re.MULTILINE)
    first, second = (*headings, "", "")[:2]
    waiting = changelog.partition(f"## {UNRELEASED}")[2].partition("\n## ")[0].strip()
    found = {
        f"The commit has the tags {', '.join(tags) or '(none)'}, not v{version}.": list(tags) != [f"v{version}"],
        f"CHANGELOG.md does not begin with {UNRELEASED}.": first != UNRELEASED,
        f"The newest version in CHANGELOG.md is {second or '(none)'}, not {version}.": second != version,
        f"CHANGELOG.md has changes that belong to no version, under {UNRELEASED}.": bool(waiting),
        f"Not committed:\n{changed}": bool(changed),
    }
    return [reason for reason, so in found.items() if so]
