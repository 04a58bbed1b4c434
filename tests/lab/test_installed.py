"""Installed from a wheel, far from any checkout, all of it works: from `/`, with the files of somebody's own."""

from __future__ import annotations

import json
import re
import subprocess
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.request import HTTPCookieProcessor, Request, build_opener

import pytest

from floatip import __version__
from floatip.keepalived.render import keepalived_conf
from floatip.model import inventory
from floatip.model.paths import MEMBERS
from lab import keys, wait_until
from lab.layers import State
from lab.names import FLOATING
from lab.paths import KEY, KNOWN_HOSTS
from lab.place import Place
from tests.installed import Installed
from tests.lab import changes
from tests.lab.changes import CONF, FAST, settled

pytestmark = pytest.mark.xdist_group(name="installed")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """One for all of them."""
    return Installed(tmp_path_factory.mktemp("installed"))


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """An inventory of the lab's hosts with its keys beside it, by relative paths."""
    keys.ensure(())  # a release is tried in a checkout where no lab has ever been
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "id").symlink_to(KEY)
    (tmp_path / "keys" / "known").symlink_to(KNOWN_HOSTS)
    beside = {"ssh_key": "keys/id", "ssh_known_hosts_file": "keys/known"}
    file = changes.inventory(tmp_path, instance=FAST, host={"d1": beside, "d2": beside})
    file.write_text(file.read_text().replace(".lab/id_ed25519", "keys/id").replace(".lab/known_hosts", "keys/known"))
    (tmp_path / "flask.py").write_text("raise SystemExit('this is no module of Python')")
    return file


@pytest.mark.no_lab
def test_the_wheel_holds_the_product_and_nothing_else(installed: Installed) -> None:
    with zipfile.ZipFile(installed.wheel) as wheel:
        names = set(wheel.namelist())
    assert {name.split("/")[0] for name in names} == {"floatip", "wizard", f"floatip-{__version__}.dist-info"}
    assert {"floatip/shipped/deploy.py", "floatip/shipped/templates/keepalived.conf.j2"} <= names
    assert not [name for name in names if name.endswith((".po", ".pyc"))]
    assert f"floatip, version {__version__}" in installed.run("--version").stdout


@pytest.mark.no_lab
def test_check_and_render_find_what_they_need(installed: Installed, own: Path) -> None:
    answer = installed.run("check", own, "--json")
    assert (answer.returncode, json.loads(answer.stdout)["problems"]) == (0, [])
    (own.parent / "keys" / "id").unlink()
    (problem,) = json.loads(installed.run("check", own, "--json").stdout)["problems"][:1]
    assert problem["code"] == "relative-key" and str(own.parent) in problem["message"]
    (parsed,) = inventory.read(own)
    assert parsed.cluster
    shown = installed.run("render", own, "--node", "d1")
    assert shown.stdout == keepalived_conf(parsed.cluster, "d1")


@pytest.mark.no_lab
def test_a_deploy_asks_first_and_runs_no_file_that_is_not_data(installed: Installed, own: Path) -> None:
    answer = installed.run("deploy", own)
    assert (answer.returncode, "--yes" in answer.stderr) == (2, True)
    document = json.loads(installed.run("deploy", own, "--json").stdout)
    assert (document["ok"], document["error"]["code"]) == (False, "unconfirmed")
    own.write_text(f"open({str(own.parent / 'ran')!r}, 'w')\n")
    assert installed.run("deploy", own, "--yes").returncode == 2
    assert not (own.parent / "ran").exists()


@contextmanager
def serving(installed: Installed, cwd: Path) -> Iterator[tuple[str, Path]]:
    """`floatip wizard` with nothing said; its start link, and what it says."""
    said = installed.home / "said"
    with (
        said.open("w") as stderr,
        subprocess.Popen(
            installed.words("wizard", "--no-browser"),
            cwd=cwd,
            env=installed.surroundings(),
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        ) as child,
    ):
        assert child.stdout
        try:
            yield child.stdout.readline().strip(), said
        finally:
            child.terminate()


@pytest.mark.no_lab
@pytest.mark.usefixtures("network")
def test_the_wizard_has_its_pages_styles_and_languages(installed: Installed, own: Path) -> None:
    kept = installed.home / ".local" / "share" / "floatip" / "inventories"
    with serving(installed, Path("/")) as (link, said):
        person = build_opener(HTTPCookieProcessor(CookieJar()))
        person.open(link, timeout=20)
        site = link.partition("/start/")[0]
        page = person.open(f"{site}/", timeout=20).read().decode()
        assert f"Inventories are kept in <code>{kept}</code>." in page
        wait_until("it says so, after the link", lambda: f"Inventories are kept in {kept}." in said.read_text())
        linked = set(re.findall(r'(?:href|src)="(/[^"]+\.(?:css|js)[^"]*)"', page))
        assert len(linked) >= 4
        for path in linked:
            assert person.open(site + path, timeout=20).status == 200
        russian = person.open(Request(f"{site}/", headers={"Accept-Language": "ru"}), timeout=20).read().decode()
        assert 'lang="ru"' in russian and "Инвентари хранятся в каталоге" in russian
    (own.parent / "inventories").mkdir()
    with serving(installed, own.parent) as (_, said):
        line = f"Inventories are kept in {own.parent / 'inventories'}."
        wait_until("it says so, after the link", lambda: line in said.read_text())


@pytest.mark.hosts(State.READY)
def test_from_the_first_deploy_to_the_removal(lab: Place, installed: Installed, own: Path) -> None:
    """With keys beside the inventory. Each command once, as somebody types it: `test_readme`."""

    def floatip(*args: str | Path) -> object:
        answer = installed.run(*args, "--json", timeout=180)
        assert answer.returncode == 0, f"{args}\n{answer.stdout}\n{answer.stderr}"
        return json.loads(answer.stdout)

    assert installed.run("deploy", own, "--dry").returncode == 0
    assert not any(host.exists(CONF) for host in lab.servers)
    floatip("deploy", own, "--yes")
    settled(lab)
    (line, *_) = lab.host("d1").read(MEMBERS).splitlines()
    assert line.endswith(f" {__version__}")
    lab.host("d1").run(f"sed -i '1s/^1 .*/9 lab 10.9.1.6 9.9.9/' {MEMBERS}")
    assert installed.run("deploy", own, "--yes").returncode == 1
    lab.host("d1").run(f"sed -i '1s/.*/{line}/' {MEMBERS}")
    floatip("remove", own)
    assert lab.holders(FLOATING) == [] and not any(host.exists(CONF) for host in lab.servers)
