"""Images: one Debian tree and one flat apt repository per suite, built once and kept in the cache."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from lab import recipe
from lab.names import COMING, PAST_SUPPORT
from lab.paths import begin, cache, lock
from lab.shell import LabError, run

TOOLS = {"mmdebstrap": "mmdebstrap", "apt-ftparchive": "apt-utils", "systemd-nspawn": "systemd-container"}


@dataclass(frozen=True, slots=True)
class Image:
    """A ready image: `tree` is the hosts' lower layer, `repository` their only apt source."""

    suite: str
    path: Path

    @property
    def tree(self) -> Path:
        """The root file system."""
        return self.path / "tree"

    @property
    def repository(self) -> Path:
        """The flat repository of packages."""
        return self.path / "packages"


def missing_tools() -> list[str]:
    """The Debian packages that the lab needs and this machine does not have."""
    return [package for tool, package in TOOLS.items() if shutil.which(tool) is None]


def ensure(suites: Iterable[str], *, prefix: Sequence[str] = ()) -> dict[str, Image]:
    """The images of `suites`, built where they are missing, side by side.

    `prefix` goes before the command that needs the network (see `namespace.outside`).
    """
    built, gone = ensure_supported(suites, prefix=prefix)
    for reason in gone.values():
        raise LabError(reason)
    return built


def ensure_supported(suites: Iterable[str], *, prefix: Sequence[str] = ()) -> tuple[dict[str, Image], dict[str, str]]:
    """The same, and why there is none of a release that is past its support, or is not out yet: an archive
    need not have it."""
    built: dict[str, Image] = {}
    gone: dict[str, str] = {}
    with ThreadPoolExecutor(max_workers=3) as pool:
        jobs = {suite: pool.submit(_ensure, suite, prefix) for suite in sorted(set(suites))}
    for suite, job in jobs.items():
        try:
            built[suite] = job.result()
        except LabError as problem:
            if suite not in PAST_SUPPORT + COMING:
                raise
            gone[suite] = str(problem)
    return built, gone


def find(suite: str) -> Image | None:
    """The image of `suite` as the recipe stands now, or None where it is not built."""
    image = _image(suite)
    return image if image.path.is_dir() else None


def _image(suite: str) -> Image:
    return Image(suite, cache() / f"{suite}-{recipe.fingerprint()}")


def _ensure(suite: str, prefix: Sequence[str]) -> Image:
    image = _image(suite)
    if image.path.is_dir():
        return image
    with lock(cache() / f"{suite}.lock"):
        if not image.path.is_dir():
            _build(image, prefix)
    return image


def _build(image: Image, prefix: Sequence[str]) -> None:
    """Build beside the final place and rename: an image is whole or not there."""
    if missing := missing_tools():
        raise LabError(f"missing Debian packages: {' '.join(missing)} (apt-get install them)")
    work = begin(image.path)
    (work / "files").mkdir()
    (work / "packages").mkdir()
    for name, (mode, text) in recipe.FILES.items():
        path = work / "files" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)
    (work / "hook").write_text(_hook(work))
    (work / "hook").chmod(0o755)
    run([*prefix, *_mmdebstrap(image.suite, work)], timeout=900)
    run(
        [
            "sh",
            "-c",
            f"cd {work / 'packages'} && apt-ftparchive packages . > Packages && "
            "apt-ftparchive release . > Release.new && mv Release.new Release",
        ]
    )
    shutil.rmtree(work / "files")
    work.rename(image.path)


def _mmdebstrap(suite: str, work: Path) -> list[str]:
    # What a coming release's lists say holds for a week; a mirror may be behind.
    lists = ['--aptopt=Acquire::Check-Valid-Until "false"'] if suite in COMING else []
    excluded = [f"--dpkgopt=path-exclude=/usr/share/{what}/*" for what in ("doc", "man", "locale")]
    return [
        *("mmdebstrap", "--mode=root", "--variant=minbase", f"--include={','.join(recipe.BASE)}"),
        *excluded,
        *lists,
        *('--aptopt=APT::Install-Recommends "false"', f"--customize-hook={work / 'hook'}"),
        *(suite, str(work / "tree"), *recipe.sources(suite)),
    ]


def _hook(work: Path) -> str:
    """The last step of the build: fetch what hosts may install, put the lab's files in place."""
    groups = "\n".join(f"fetch {' '.join(group)}" for group in recipe.OFFERED)
    return f"""#!/bin/sh
set -e
fetch() {{ APT_CONFIG="$MMDEBSTRAP_APT_CONFIG" apt-get -qq -y --download-only install "$@"; }}
rm -f "$1"/var/cache/apt/archives/*.deb
{groups}
mv "$1"/var/cache/apt/archives/*.deb {work / "packages"}/
rm -rf "$1"/etc/apt/sources.list.d/*
cp -r --preserve=mode {work / "files"}/. "$1"/
mkdir -p "$1"{recipe.REPOSITORY}
cat > "$1"/tmp/commands <<'END'
{recipe.COMMANDS}
END
chroot "$1" sh -e /tmp/commands
rm "$1"/tmp/commands "$1"/etc/apt/apt.conf.d/99mmdebstrap 2>/dev/null || true
"""
