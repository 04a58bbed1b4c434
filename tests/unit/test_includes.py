"""What a keepalived.conf includes: asked of a server by a script, and read beside a file on this computer."""

from __future__ import annotations

import base64
import json
import subprocess
from pathlib import Path

import pytest

from floatip.change import requirements
from floatip.cli import conf_files
from floatip.hosts import host_answer, includes
from floatip.hosts.host_script import MARK
from floatip.keepalived.conf import Gone, Included, Source, expand
from floatip.model.paths import KEEPALIVED_CONF
from floatip.server_side.pending import voices
from tests.unit.test_cli import floatip

CONF = """include conf.d/*.conf   # all of them
@d1 include "$(touch stolen)"
    includer `touch stolen`
include missing
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """As /etc/keepalived may look like."""
    texts = {
        "keepalived.conf": CONF,
        "conf.d/1 one.conf": "include deep/*\ninclude ../conf.d/1*.conf\n",
        "conf.d/2.conf": "authentication {\n  auth_pass canary\n}\n",
        "conf.d/deep/3": "last",
        "conf.d/other": "never",
    }
    for name, text in texts.items():
        (tmp_path / "k" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "k" / name).write_text(text)
    return tmp_path / "k"


def asked(folder: Path) -> list[str]:
    """What the probe prints on a server that has that folder."""
    script = includes.PROBE.replace("/etc/keepalived", str(folder))
    done = subprocess.run(["sh", "-eu"], input=script, cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def found(lines: list[str]) -> tuple[Included, ...]:
    """The files that it printed."""
    return includes.read(line.removeprefix("included=") for line in lines if line.startswith("included="))


@pytest.mark.programs
def test_a_server_tells_what_its_file_includes(folder: Path) -> None:
    lines = asked(folder)
    assert lines[0].startswith("host=")
    files = found(lines)
    assert [(file.directory, file.pattern, file.path.removeprefix(f"{folder}/")) for file in files[:3]] == [
        (str(folder), "conf.d/*.conf", "conf.d/1 one.conf"),
        (str(folder), "conf.d/*.conf", "conf.d/2.conf"),
        (f"{folder}/conf.d", "deep/*", "conf.d/deep/3"),
    ]
    assert not (folder / "stolen").exists()
    assert "canary" not in repr(files)
    read = expand(Source(CONF, "d2", files, f"{folder}/keepalived.conf"))
    assert "last" in read.text and "never" not in read.text
    gone = [(text, why) for place, text, why in read.gone if not place.path]
    assert gone == [
        ("include conf.d/*.conf", Gone.TAKEN_IN),
        ('@d1 include "$(touch stolen)"', Gone.OTHER_SERVER),
        ("includer `touch stolen`", Gone.NOT_READ),
        ("include missing", Gone.NOT_READ),
    ]


@pytest.mark.programs
def test_a_server_tells_only_so_much(folder: Path) -> None:
    for number in range(includes.MOST + 20):
        (folder / f"conf.d/{number:03}.conf").write_text(f"{number}\ninclude *.conf\n")
    (folder / "conf.d/000.conf").write_bytes(b"x" * (includes.ROOM + 1))
    files = found(asked(folder))
    assert len(files) == includes.MOST
    assert sum(len(file.text) for file in files) <= includes.ROOM


def test_nonsense_is_no_file() -> None:
    for line in ("", "a b c", "YQ== YQ== YQ==", "YQ== YQ== YQ== YQ== YQ==.", "é YQ== YQ== YQ==."):
        with pytest.raises(ValueError, match=r"values to unpack|ASCII|base64"):
            includes.read([line])


def test_what_is_shown_comes_back() -> None:
    included = Included("/etc/keepalived", "a b", "/etc/keepalived/a b", "é\n")
    assert includes.read([includes.written(included)]) == (included,)


def test_a_file_here_brings_what_lies_beside_it(folder: Path) -> None:
    source = conf_files.read([f"d1={folder / 'keepalived.conf'}"], ())["d1"]
    assert source.host == "d1" and source.path == KEEPALIVED_CONF
    assert {file.path for file in source.included} >= {
        "/etc/keepalived/conf.d/1 one.conf",
        "/etc/keepalived/conf.d/2.conf",
        "/etc/keepalived/conf.d/deep/3",
    }


@pytest.mark.parametrize(
    "pattern", ["/etc/passwd", "../secret", "/etc/keepalived/../../secret", "link", "conf.d", "a\0b", "big"]
)
def test_a_file_here_never_brings_anything_else(folder: Path, pattern: str) -> None:
    secret = folder.parent / "secret"
    secret.write_text("canary")
    (folder / "link").symlink_to(secret)
    (folder / "big").write_bytes(b"x" * (includes.ROOM + 1))
    (folder / "keepalived.conf").write_text(f"include {pattern}\n")
    source = conf_files.read([f"d1={folder / 'keepalived.conf'}"], ())["d1"]
    assert source.included == ()
    assert [why for _, _, why in expand(source).gone] == [Gone.NOT_READ]


def test_an_absolute_path_is_one_beside_the_file(folder: Path) -> None:
    (folder / "keepalived.conf").write_text("include /etc/keepalived/conf.d/2.conf\n")
    source = conf_files.read([f"d1={folder / 'keepalived.conf'}"], ())["d1"]
    assert [file.path for file in source.included] == ["/etc/keepalived/conf.d/2.conf"]


def test_the_command_line_adopts_what_lies_beside(tmp_path: Path) -> None:
    """One folder for both servers, whose names tell the lines for each."""
    instance = "vrrp_instance VI_1 {\n include ../rank\n interface eth1\n virtual_router_id 7\n odd words\n"
    files = {
        "keepalived.conf": "include instances/*.conf\n",
        "instances/web.conf": instance + " virtual_ipaddress {\n  10.9.1.6/24\n }\n}\n",
        "rank": "@d1 priority 150\n@d2 priority 100\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    words = [f"{node}={tmp_path / 'keepalived.conf'}" for node in ("d1", "d2")]
    addresses = [f"--address={node}=10.9.1.{last}/24" for node, last in (("d1", 16), ("d2", 61))]
    document = json.loads(floatip("adopt", "--json", *words, *addresses).stdout)
    assert document["ok"]
    assert {node: host["vrrp"]["VI_1"]["priority"] for node, host in document["hosts"]} == {"d1": 150, "d2": 100}
    lines = {(line["node"], line["file"], line["line"]) for group in document["findings"] for line in group["lines"]}
    assert lines >= {("d1", "instances/web.conf", 5), ("d2", "rank", 1), ("d1", "rank", 2), ("d1", "", 1)}


def test_a_change_knows_how_the_masters_of_included_instances_sound() -> None:
    """A server that goes back or on by itself listens to them first."""
    instance = "$ID=7\nvrrp_instance VI_1 {\n interface eth1\n virtual_router_id $ID\n advert_int 3\n}\n"
    file = Included("/etc/keepalived", "web", "/etc/keepalived/web", instance)
    conf = base64.b64encode(b"include web\n").decode()
    lines = [f"{MARK}=1", "uid=0", "links=[]", f"file=conf 640:root:root {conf}"]
    found = host_answer.parse([*lines, f"included={includes.written(file)}"])
    assert {name: voice.virtual_router_id for name, voice in voices.of(found.conf_before or "").items()} == {"VI_1": 7}
    assert requirements.slowest({}, {"d1": found}) == 3
    assert host_answer.parse(lines).conf == "include web\n", "a file that is not known stays unclear"
