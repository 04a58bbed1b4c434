"""A controller that is a Debian 13 with its own Python: the wheel and what it depends on, tried on a pair."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from floatip.keepalived.render import keepalived_conf
from floatip.model import inventory
from lab import keys, namespace, recipe
from lab.layers import State
from lab.names import FLOATING
from lab.paths import KEY, KNOWN_HOSTS, ROOT, cache, lock
from lab.place import Place
from lab.shell import run
from tests.installed import Installed
from tests.lab import changes
from tests.lab.changes import snapshot

SUITE, VERSION = "trixie", "3.13"
INSIDE = """
tree=$1 shared=$2; shift 2
mount --bind "$shared" "$tree/mnt" && mount -t proc proc "$tree/proc" && mount --bind /dev "$tree/dev" || exit
exec chroot "$tree" env -i PATH=/usr/bin:/bin HOME=/mnt/home PYTHONPATH=/mnt/packages LANG=C.UTF-8 "$@"
"""


def system() -> Path:
    """The release with its own Python, and nothing else."""
    tree = cache() / f"{SUITE}-python-{recipe.fingerprint()}"
    with lock(tree.with_suffix(".lock")):
        if not tree.is_dir():
            partial = tree.with_suffix(".partial")
            shutil.rmtree(partial, ignore_errors=True)
            making = ("mmdebstrap", "--mode=root", "--variant=minbase", "--include=python3", SUITE, str(partial))
            run([*namespace.outside(), *making, *recipe.sources(SUITE)], timeout=900)
            partial.rename(tree)
    return tree


def packages(directory: Path) -> None:
    """The wheel and all that it needs, for that Python, in the versions that the tests run with."""
    pins = re.findall(r"^([\w.-]+==[\w.+-]+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
    (directory / "pins").write_text("".join(f"{pin}\n" for pin in pins))
    made = directory / "made"
    made.mkdir()
    target = ("--target", str(directory / "packages"), "--python-version", VERSION, "--only-binary=:all:")
    words = (sys.executable, "-m", "pip", "install", "--quiet", *target, "--constraint", str(directory / "pins"))
    run([*namespace.outside(), *words, str(Installed(made).wheel)], timeout=600)


@pytest.mark.hosts(State.DEPLOYED)
def test_the_python_of_debian_13(lab: Place, tmp_path: Path) -> None:
    tree = system()
    packages(tmp_path)
    keys.ensure(())
    for name, file in (("id", KEY), ("known", KNOWN_HOSTS)):
        shutil.copy(file, tmp_path / name)
    (tmp_path / "home").mkdir()
    file = changes.inventory(tmp_path)
    file.write_text(file.read_text().replace(".lab/id_ed25519", "/mnt/id").replace(".lab/known_hosts", "/mnt/known"))

    def inside(*words: str) -> subprocess.CompletedProcess[str]:
        argv = ["unshare", "--mount", "sh", "-c", INSIDE, "sh", str(tree), str(tmp_path), *words]
        return subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False)

    def floatip(*words: str) -> str:
        done = inside("python3", "-W", "error", "-m", "floatip", *words)
        assert done.returncode == 0, f"{words}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    said = inside("python3", "-c", "import sys; print(*sys.version_info[:2], sep='.')")
    assert said.stdout == f"{VERSION}\n", said.stderr
    assert json.loads(floatip("check", "/mnt/lab.py", "--json"))["problems"] == []
    (parsed,) = inventory.read(file)
    assert parsed.cluster
    assert floatip("render", "/mnt/lab.py", "--node", "d1") == keepalived_conf(parsed.cluster, "d1")
    floatip("status", "/mnt/lab.py", "--json")
    before = {host.name: snapshot(host) for host in lab.servers}
    floatip("deploy", "/mnt/lab.py", "--yes", "--json")
    assert all(before[host.name].differences(snapshot(host)) == [] for host in lab.servers)
    floatip("move", "/mnt/lab.py", "d2", "--json")
    assert lab.holders(FLOATING) == ["d2"]
