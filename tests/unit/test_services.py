"""Services behind a floating address: what the servers tell of them, and what is proposed and done for them."""

from __future__ import annotations

import base64
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from floatip.change import differences, networkd, nonlocal_bind
from floatip.hosts import binding, host_answer, interface_managers, preflight
from floatip.hosts.binding import Binding
from floatip.hosts.codes import Code
from floatip.hosts.host_state import HostState
from floatip.keepalived import render
from floatip.model import paths
from floatip.model.cluster import Cluster
from floatip.model.problems import Level
from floatip.operate.doctor import diagnose
from floatip.operate.doctor.model import Code as DoctorCode
from tests.recorded import doctor_answers
from tests.recorded.doctor_answers import HEALTHY, PLACE, Recording
from tests.unit import samples

OFF = ("nonlocal=4 0", "nonlocal=6 0")


def server(*lines: str, sysctl: str | None = None) -> HostState:
    """A server that answers with these lines too; `sysctl`: the file that floatip has put there."""
    texts = {"conf": render.keepalived_conf(samples.lab(), "d1")} | ({} if sysctl is None else {"sysctl": sysctl})
    files = [f"file={key} 644:root:root {base64.b64encode(text.encode()).decode()}" for key, text in texts.items()]
    return host_answer.parse(["floatip-state=1", "uid=0", "links=[]", *files, *lines])


def asked(*, on: bool = True) -> Cluster:
    """The lab's pair, whose services may bind its address."""
    return replace(samples.lab(), nonlocal_bind=on)


CONFIGURED = (
    ("binds=/etc/haproxy/haproxy.cfg:    bind 10.9.1.6:80,ipv4@10.9.1.7:443", ["10.9.1.6", "10.9.1.7"]),
    ("binds=/etc/haproxy/haproxy.cfg:\tbind ipv6@[fd00:9:1::6]:8000-8010", ["fd00:9:1::6"]),
    ("binds=/etc/nginx/sites-enabled/default:    listen [fd00:9:1::6]:80", ["fd00:9:1::6"]),
    ("binds=/etc/nginx/sites-enabled/default:    listen 10.9.1.6", ["10.9.1.6"]),
    ("binds=/etc/apache2/ports.conf:Listen 10.9.1.6:80", ["10.9.1.6"]),
    ("listens=80 10.9.1.6", ["10.9.1.6"]),
    ("listens=80 10.9.1.6%eth1", ["10.9.1.6"]),
    ("listens=80 [fd00:9:1::6]", ["fd00:9:1::6"]),
)
NOTHING = (
    *("binds=/etc/nginx/nginx.conf:    listen 80", "binds=/etc/nginx/nginx.conf:    listen [::]:80"),
    *("binds=/etc/haproxy/haproxy.cfg:  bind *:80", "binds=/etc/haproxy/haproxy.cfg:  bind 127.0.0.1:80"),
    *("binds=/etc/haproxy/haproxy.cfg:  bind unix@/run/x", "binds=", "binds=/etc/$(id):  bind 10.9.1.6:80"),
    *("listens=22 0.0.0.0", "listens=22 *", "listens=22 [::]", "listens=22", "listens=x 10.9.1.6", "listens="),
)


@pytest.mark.parametrize(("line", "addresses"), CONFIGURED)
def test_who_needs_an_address(line: str, addresses: list[str]) -> None:
    assert [binding.address for binding in server(line).bindings] == addresses


@pytest.mark.parametrize("line", NOTHING)
def test_who_needs_none(line: str) -> None:
    assert server(line).bindings == ()


def test_a_talkative_server_is_bounded() -> None:
    lines = [f"binds=/etc/nginx/n{number}:listen 10.9.1.6" for number in range(10_000)]
    assert len(server(*lines).bindings) == binding.MOST


@pytest.mark.parametrize(
    ("cluster", "lines", "codes"),
    [
        (asked(on=False), ("binds=/etc/nginx/x:listen 10.9.1.6:80", *OFF), [Code.BINDS_ADDRESS]),
        (asked(on=False), ("listens=80 10.9.1.6", *OFF), [Code.BINDS_ADDRESS]),
        (asked(), ("binds=/etc/nginx/x:listen 10.9.1.6:80", *OFF), []),
        (asked(on=False), ("binds=/etc/nginx/x:listen 10.9.1.6:80", "nonlocal=4 1"), []),
        (asked(on=False), ("binds=/etc/nginx/x:listen 10.9.1.16:80", *OFF), []),
    ],
)
def test_it_is_proposed_where_something_needs_it(cluster: Cluster, lines: tuple[str, ...], codes: list[Code]) -> None:
    found = [
        problem for problem in preflight.check(cluster, {"d1": server(*lines)}) if problem.code == Code.BINDS_ADDRESS
    ]
    assert [(problem.code, problem.level, problem.path) for problem in found] == [
        (code, Level.INFO, "nonlocal_bind") for code in codes
    ]


def test_only_the_families_of_the_addresses() -> None:
    text = nonlocal_bind.text(asked(), server(*OFF))
    assert text is not None
    assert "net.ipv4.ip_nonlocal_bind = 1" in text.splitlines() and "ipv6" not in text
    assert nonlocal_bind.text(asked(on=False), server(*OFF)) is None


def test_an_address_of_the_other_family_that_comes_along() -> None:
    other = samples.put("VI_1.virtual_ipaddress_excluded", ["fd00:9:1::6/64"])
    text = nonlocal_bind.text(replace(samples.lab(other), nonlocal_bind=True), server(*OFF))
    assert text is not None and "net.ipv6.ip_nonlocal_bind = 1" in text.splitlines()


@pytest.mark.parametrize(
    ("lines", "codes"), [(OFF, [DoctorCode.CANNOT_BIND]), (("nonlocal=4 1", "nonlocal=6 0"), []), ((), [])]
)
def test_the_doctor_says_where_it_is_off(lines: tuple[str, ...], codes: list[DoctorCode]) -> None:
    recorded = Recording.load(PLACE / f"bookworm-{HEALTHY}.json")
    answers = {
        name: {**answer, "lines": [line for line in answer["lines"] if not line.startswith("nonlocal=")]}
        for name, answer in recorded.servers.items()
    }
    answers["d2"]["lines"] += lines
    case = doctor_answers.case(replace(recorded, servers=answers), recorded)
    found = diagnose(replace(case, cluster=replace(case.cluster, nonlocal_bind=True)))
    assert [(finding.code, finding.node) for finding in found] == [(code, "d2") for code in codes]


def test_what_there_was_before_is_kept_and_comes_back() -> None:
    file = nonlocal_bind.text(asked(), server("nonlocal=4 1"))
    there = server("nonlocal=4 1", sysctl=file)
    assert nonlocal_bind.text(asked(), there) == file
    assert nonlocal_bind.undo(there) == [
        "echo 1 >/proc/sys/net/ipv4/ip_nonlocal_bind",
        f"rm -f {paths.SYSCTL_CONF}",
    ]
    hostile = server("nonlocal=4 1", sysctl="# Before: net.ipv4.ip_nonlocal_bind=0;id\n# Before: net.ipv9.x=1\n")
    assert "id" not in "".join(nonlocal_bind.undo(hostile))


def test_a_second_run_has_nothing_to_do() -> None:
    file = nonlocal_bind.text(asked(), server(*OFF))
    assert nonlocal_bind.script(asked(), server(*OFF)) is not None
    assert nonlocal_bind.script(asked(), server("nonlocal=4 1", sysctl=file)) is None
    assert nonlocal_bind.script(asked(), server("nonlocal=4 0", sysctl=file)) is not None, (
        "the kernel was told otherwise"
    )
    assert nonlocal_bind.script(asked(on=False), server(*OFF)) is None
    assert nonlocal_bind.script(asked(on=False), server("nonlocal=4 1", sysctl=file)) is not None


def test_a_difference_of_that_file_is_drift() -> None:
    file = nonlocal_bind.text(asked(), server(*OFF))
    assert differences.of(asked(), {"d1": server("nonlocal=4 1", sysctl=file)})["d1"] == []
    added = differences.of(asked(), {"d1": server(*OFF)})["d1"]
    assert "+net.ipv4.ip_nonlocal_bind = 1" in added and f"+++ {paths.SYSCTL_CONF} then" in added


def test_the_probe_on_files_of_three_services(tmp_path: Path) -> None:
    """What the script finds in files as Debian's packages have them."""
    for path, text in {
        "haproxy/haproxy.cfg": "frontend web\n    bind 10.9.1.6:80 ssl crt /etc/secret\n    # bind 10.9.1.9:80\n",
        "nginx/sites-enabled/web": "server {\n\tlisten 10.9.1.7:80 default_server;\n}\n",
        "apache2/ports.conf": "Listen 10.9.1.8:8080\n",
    }.items():
        (tmp_path / "etc" / path).parent.mkdir(parents=True)
        (tmp_path / "etc" / path).write_text(text)
    script = binding.PROBE.replace(" /etc/", f" {tmp_path}/etc/")
    dash = shutil.which("dash") or "/bin/sh"
    said = subprocess.run([dash, "-euc", script], capture_output=True, text=True, check=True)
    assert said.stderr == "" and "secret" not in said.stdout
    lines = said.stdout.replace(str(tmp_path), "").splitlines()
    found = binding.bindings([], [line.removeprefix("binds=") for line in lines if line.startswith("binds=")])
    assert found == (
        Binding("10.9.1.6", "/etc/haproxy/haproxy.cfg"),
        Binding("10.9.1.7", "/etc/nginx/sites-enabled/web"),
        Binding("10.9.1.8", "/etc/apache2/ports.conf"),
    )
    assert binding.switches([line.removeprefix("nonlocal=") for line in lines if line.startswith("nonlocal=")])


FILE = "/run/systemd/network/10-netplan-eth1.network"
MANAGED = (
    *("unit=Id=systemd-networkd.service", "unit=ActiveState=active", "unit=UnitFileState=enabled", "unit="),
    *("package=systemd installed 252.39-1~deb12u1", f"network=eth1 {FILE}", f"network=eth0 {FILE}"),
)
GUARD = f"/etc/systemd/network/10-netplan-eth1.network.d/{interface_managers.GUARD}"


def guard(text: str, mode: str = "644", path: str = GUARD) -> str:
    """A drop-in that is there."""
    return f"guard={mode} {base64.b64encode(text.encode()).decode()} {path}"


@pytest.mark.parametrize(
    ("lines", "value"),
    [
        (MANAGED, "static"),
        ((*MANAGED, "keep=eth1 no"), "static"),
        ((*MANAGED, "keep=eth1 yes", "keep=eth1 no"), "static"),
        ((*MANAGED, "keep=eth1 dhcp-on-stop"), "yes"),
        ((*MANAGED, "keep=eth1 no", "keep=eth1  Static"), None),
        ((*MANAGED, "keep=eth1 yes"), None),
        (MANAGED[4:], None),
        (MANAGED[:5], None),
        ((*MANAGED[:5], "network=eth1 /etc/systemd/network/$(id).network"), None),
        ((*MANAGED[:5], "network=eth1 /etc/systemd/network/../x.network"), None),
    ],
)
def test_networkd_is_told_where_it_configures_the_interface(lines: tuple[str, ...], value: str | None) -> None:
    cluster, found = samples.lab(), server(*lines)
    wanted = networkd.files(cluster, "d1", found)
    assert list(wanted) == ([GUARD] if value else [])
    assert all(f"KeepConfiguration={value}" in text.splitlines() for text in wanted.values())
    assert (networkd.script(cluster, "d1", found) is not None) is bool(value)
    now = server(*lines, *(guard(text) for text in wanted.values()))
    assert networkd.script(cluster, "d1", now) is None, "a second run has nothing to do"
    if value:
        not_told = server(*lines, *(guard(text, "444") for text in wanted.values()))
        assert networkd.script(cluster, "d1", not_told) is not None


def test_a_drop_in_for_another_file_goes() -> None:
    old = GUARD.replace("10-netplan-eth1", "50-eth1")
    found = server(
        *MANAGED[:5], guard("x", path=old), guard("x", path="/etc/passwd"), guard("x", path=f"/etc/x/{GUARD}")
    )
    assert list(found.managers.guards) == [old]
    script = networkd.script(samples.lab(), "d1", found)
    assert script is not None and f"rm -f {old}" in script.splitlines()
    assert differences.of(samples.lab(), {"d1": found})["d1"][0] == f"--- {old} now"


@pytest.mark.parametrize(
    ("version", "expected"),
    [("247.3-7+deb11u7", "systemctl restart systemd-networkd.service"), ("252.39-1", "networkctl reload")],
)
def test_how_networkd_is_told(version: str, expected: str) -> None:
    found = server(*(line.replace("252.39-1~deb12u1", version) for line in MANAGED))
    assert expected in (networkd.script(samples.lab(), "d1", found) or "").splitlines()


@pytest.mark.parametrize(
    ("lines", "codes"),
    [
        (MANAGED, [Code.LOSES_ADDRESS]),
        (tuple(line.replace("252.39-1", "257.8-1") for line in MANAGED), []),
        (("nm=eth1:connected", "nm=eth0:connected"), [Code.NETWORK_MANAGER]),
        (("nm=eth1:connected (externally)", "nm=eth0:connected"), []),
        (("nm=eth1:unmanaged",), []),
        ((), []),
    ],
)
def test_what_may_take_the_address_is_said_before(lines: tuple[str, ...], codes: list[Code]) -> None:
    found = [
        problem for problem in preflight.check(samples.lab(), {"d1": server(*lines)}) if problem.code in OF_MANAGERS
    ]
    assert [(problem.code, problem.level, problem.path) for problem in found] == [
        (code, Level.WARNING, "nodes.d1") for code in codes
    ]


def test_netplan_is_named_where_it_wrote_the_file() -> None:
    """It has networkd reconfigure the interfaces."""
    by_hand = tuple(line.replace(FILE, "/etc/systemd/network/eth1.network") for line in MANAGED)
    for lines, command in ((MANAGED, "`netplan apply`"), (by_hand, "`networkctl reconfigure eth1`")):
        problems = preflight.check(samples.lab(), {"d1": server(*lines)})
        (message,) = [problem.message for problem in problems if problem.code in OF_MANAGERS]
        assert command in message


OF_MANAGERS = (Code.LOSES_ADDRESS, Code.NETWORK_MANAGER)
