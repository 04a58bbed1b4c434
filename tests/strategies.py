"""Generated clusters: valid by construction, over everything that the inventory can say."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_interface
from typing import Any

from hypothesis import strategies as st

from floatip.cluster import Cluster, Instance, Interface, Member, Node, Script
from floatip.settings import INSTANCE, KINDS, MEMBER, Setting
from floatip.settings.values import Flag, Own, Whole

NODES = ("d1", "d2", "web-3", "n4", "a", "0db", "backup-site", "z-9")
INTERFACES = ("eth0", "eth1", "bond0.7", "en-x_1")
TARGETS = {
    "process": ("nginx", "haproxy", "a-name-longer-than-15"),
    "tcp": ("127.0.0.1:80", "[::1]:5432", "db.example.org:6432"),
    "http": ("http://127.0.0.1:8080/health?full=1", "http://[::1]/", "http://localhost"),
    "command": ("/usr/bin/env true", "/usr/local/bin/check --port=80 a_b"),
}
CONNECTIONS: dict[str, str | bool] = {
    "ssh_config_file": '~/.ssh/it\'s "mine"',
    "ssh_key": "/home/me/.ssh/id ed25519",
    "ssh_known_hosts_file": "C:\\known_hosts",
    "ssh_strict_host_key_checking": "yes",
    "ssh_user": "root",
    "_sudo": True,
}
PRIORITIES = st.integers(2, 61)
"""Within 60 of each other and high enough that every weight below can move the address."""
RAW = ("garp_master_refresh_repeat 2", "# a comment", 'notify_fifo "/run/x"', "garp_lower_prio_repeat 1")


@st.composite
def clusters(draw: st.DrawFn) -> Cluster:
    """A valid cluster of two to eight servers with one to four instances."""
    names = draw(st.permutations(NODES))[: draw(st.integers(2, 8))]
    scripts = draw(_scripts())
    vrids = draw(st.lists(st.integers(1, 255), min_size=1, max_size=4, unique=True))
    instances = [draw(_instance(number, vrid, names, scripts)) for number, vrid in enumerate(vrids)]
    used = {member.node for instance in instances for member in instance.members}
    tracked = {name for instance in instances for name in instance.track_script}
    return Cluster(
        name=draw(st.sampled_from(("lab", "my-lab", "2nd", "for", "a_b-c"))),
        nodes=tuple(draw(_node(number, name)) for number, name in enumerate(names) if name in used),
        instances=tuple(instances),
        scripts=tuple(script for script in scripts if script.name in tracked),
        firewall=draw(st.sampled_from(("auto", "none"))),
        log_file=draw(st.booleans()),
        client=draw(st.sampled_from(((), (("ssh_hostname", "127.0.0.9"), ("ssh_port", 2299))))),
        extra_lines=tuple(draw(st.lists(st.sampled_from(("# nothing", "! nothing")), max_size=2))),
    )


def plain(rows: Iterable[Setting]) -> list[Setting]:
    """The settings on which nothing else depends: their rows say which values they take."""
    return [row for row in rows if row.rendered and not row.managed]


def values(row: Setting, own: Interface | None = None) -> st.SearchStrategy[Any]:
    """Any value that a plain setting can have; `own`: the server's address."""
    if isinstance(row.value, Own) and own:
        return st.sampled_from((None, own.ip, own.ip + 40))
    if isinstance(row.value, Flag):
        return st.booleans()
    if isinstance(row.value, Whole):
        return st.one_of(st.just(row.default), st.integers(row.value.low, row.value.high))
    raise TypeError(f"no values are known for {row.key}")


def another(row: Setting) -> object:
    """A raw value of a plain setting that is not its default, for d1 of the good cluster."""
    if isinstance(row.value, Own):
        return "10.9.1.26"
    return True if isinstance(row.value, Flag) else row.value.high if isinstance(row.value, Whole) else None


@st.composite
def _node(draw: st.DrawFn, number: int, name: str) -> Node:
    chosen = draw(st.lists(st.sampled_from(sorted(CONNECTIONS)), unique=True))
    values: dict[str, str | int | bool] = {key: CONNECTIONS[key] for key in chosen}
    if draw(st.booleans()):
        values |= {"ssh_hostname": "127.0.0.1", "ssh_port": 2200 + number}
    return Node(name, tuple(sorted(values.items())))


@st.composite
def _scripts(draw: st.DrawFn) -> list[Script]:
    names = draw(st.lists(st.sampled_from(("web", "db", "Chk_1", "x-y")), unique=True, max_size=3))
    return [draw(_script(name)) for name in names]


@st.composite
def _script(draw: st.DrawFn, name: str) -> Script:
    kind = draw(st.sampled_from(sorted(KINDS)))
    times = st.integers(1, 60)
    return Script(
        name=name,
        kind=kind,
        target=draw(st.sampled_from(TARGETS[kind])),
        interval=draw(times),
        timeout=draw(times),
        fall=draw(times),
        rise=draw(times),
        weight=draw(
            st.one_of(st.just(0), st.integers(-250, -200), st.integers(61, 64))
        ),  # three on the highest priority: 253
    )


@st.composite
def _instance(draw: st.DrawFn, number: int, vrid: int, names: list[str], scripts: list[Script]) -> Instance:
    family = draw(st.sampled_from((4, 6)))
    part = draw(st.permutations(names))[: draw(st.integers(2, len(names)))]
    advert_int = draw(st.one_of(st.integers(1, 40).map(float), st.integers(1, 4095).map(lambda n: n / 100)))
    version = 3 if family == 6 or not advert_int.is_integer() else draw(st.sampled_from((2, 3)))
    derived = 3 if family == 6 or not advert_int.is_integer() else 2
    nopreempt = draw(st.booleans())
    tracked = [script.name for script in scripts if not (nopreempt and script.weight)]
    return Instance(
        name=f"{draw(st.sampled_from(('VI', 'vip-', 'X')))}_{number}",
        virtual_router_id=vrid,
        virtual_ipaddress=draw(_floating(number, family)),
        members=tuple(draw(_members(number, family, [name for name in names if name in part]))),
        advert_int=advert_int,
        version=version,
        version_chosen=version != derived or draw(st.booleans()),
        nopreempt=nopreempt,
        preempt_delay=0 if nopreempt else draw(st.sampled_from((0, 1, 30, 1000))),
        unicast=draw(st.booleans()),
        use_vmac=draw(st.booleans()),
        track_script=tuple(draw(st.permutations(tracked))[: draw(st.integers(0, 3))]),
        extra_lines=tuple(draw(st.lists(st.sampled_from(RAW[:2]), max_size=2, unique=True))),
        **{row.key: draw(values(row)) for row in plain(INSTANCE)},
    )


@st.composite
def _members(draw: st.DrawFn, number: int, family: int, names: list[str]) -> list[Member]:
    interface = draw(st.sampled_from(INTERFACES))
    priorities = draw(st.lists(PRIORITIES, min_size=len(names), max_size=len(names), unique=True))
    tracked = st.lists(st.sampled_from([name for name in INTERFACES if name != interface]), unique=True, max_size=2)
    return [
        Member(
            name,
            interface,
            _own(number, family, 16 + NODES.index(name)),
            priorities[place],
            tuple(draw(tracked)),
            **{row.key: draw(values(row, _own(number, family, 16 + NODES.index(name)))) for row in plain(MEMBER)},
        )
        for place, name in enumerate(names)
    ]


@st.composite
def _floating(draw: st.DrawFn, number: int, family: int) -> tuple[Interface, ...]:
    hosts = draw(st.lists(st.integers(100, 250), min_size=1, max_size=6, unique=True))
    prefix = draw(st.sampled_from((24, 32) if family == 4 else (64, 128)))
    return tuple(_address(number, family, host, prefix) for host in hosts)


def _own(number: int, family: int, host: int) -> Interface:
    return _address(number, family, host, 24 if family == 4 else 64)


def _address(number: int, family: int, host: int, prefix: int) -> Interface:
    text = f"10.9.{number}.{host}" if family == 4 else f"fd00:0:0:{number:x}::{host:x}"
    return ip_interface(f"{text}/{prefix}")
