"""Build the site into `.lab/site/html`, strictly: a warning of Sphinx, or a link that leads nowhere, fails it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from lab.paths import LAB, ROOT
from tests.site import finish, links, pages

SITE = LAB / "site"
HTML = SITE / "html"
SPHINX = ROOT / ".venv-site" / "bin" / "sphinx-build"
STRICT = ("--fail-on-warning", "--keep-going", "--nitpicky", "--quiet", "--fresh-env")


def main() -> None:
    """Both languages; Russian stands within the English one."""
    build(HTML)
    if problems := list(links.problems(HTML)):
        raise SystemExit("\n".join(problems))
    print(HTML / "index.html")


def build(target: Path) -> None:
    """Into a new directory."""
    shutil.rmtree(target, ignore_errors=True)
    sources = target.parent / "sources"
    pages.write(sources)
    for language in pages.LANGUAGES:  # Russian last: it stands within the English one
        _sphinx(sources / language, target / pages.ROOMS[language], language)
        finish.pages(target / pages.ROOMS[language], language)


def _sphinx(source: Path, target: Path, language: str) -> None:
    own = ("-c", str(Path(__file__).parent), "-d", str(source.with_suffix(".trees")), "-D", f"language={language}")
    if code := subprocess.run([SPHINX, *STRICT, "-b", "html", *own, source, target], cwd=ROOT, check=False).returncode:
        raise SystemExit(f"Sphinx ended with {code}, see above.")


if __name__ == "__main__":
    main()
