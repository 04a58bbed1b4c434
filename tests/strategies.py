"""Generated clusters: valid by construction, over everything that the inventory can say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from ipaddress import ip_interface
from itertools import permutations
from math import gcd
from typing import Any

from hypothesis import strategies as st

from floatip.model.cluster import Cluster, Floating, Instance, Interface, Member, Node, SyncGroup
from floatip.model.settings import GLOBAL, INSTANCE, KINDS, MEMBER, NODE, Setting
from floatip.model.settings.fifos import FIFOS
from floatip.model.settings.mailing import MailServer
from floatip.model.settings.notifying import Running
from floatip.model.settings.values import Flag, Fraction, Own, Text, Whole
from floatip.model.tracking import Script, TrackFile

NODES = ("d1", "d2", "web-3", "n4", "a", "0db", "backup-site", "z-9")
INTERFACES = ("eth0", "eth1", "bond0.7", "en-x_1")
TARGETS = {
    "process": ("nginx", "haproxy", "a-name-longer-than-15"),
    "tcp": ("127.0.0.1:80", "[::1]:5432", "db.example.org:6432"),
    "unit": ("nginx", "postgresql@15-main.service"),
    "https": ("https://127.0.0.1:8443/health?full=1", "https://[::1]/", "https://www.example.org"),
    "dns": ("www.example.org", "server", "_ldap._tcp.example.org."),
    "file": ("/run/ready", "/srv/a,b=c"),
    "http": ("http://127.0.0.1:8080/health?full=1", "http://[::1]/", "http://localhost"),
    "command": ("/usr/bin/env true", "/usr/local/bin/check --port=80 a_b", "check.sh now"),
}
OF_KINDS: dict[str, tuple[Any, ...]] = {
    "status": ("200", "200-299,401"),
    "text": ("all is well", '100% "ä" $(id) #!{}'),
    "host": ("www.example.org",),
    "ca": ("/etc/ssl/my-ca.pem",),
    "insecure": (True,),
    "server": ("127.0.0.1", "::1", "[::1]:5353"),
    "record": ("AAAA", "PTR"),
}
CONNECTIONS: dict[str, str | bool] = {
    "ssh_config_file": '~/.ssh/it\'s "mine"',
    "ssh_key": "/home/me/.ssh/id ed25519",
    "ssh_known_hosts_file": "C:\\known_hosts",
    "ssh_strict_host_key_checking": "yes",
    "ssh_user": "root",
    "_sudo": True,
}
WORDS: dict[str, tuple[str, ...]] = {
    "router_id": ("LVS_1", "a.example.org"),
    "notification_email_from": ("keepalived@example.org", "root"),
    "smtp_helo_name": ("a.example.org", "b"),
}
"""Of each plain setting that is text, some."""
NOTIFIES: tuple[Any, ...] = (
    "/usr/local/bin/check now",
    {"run": "/usr/local/bin/check", "user": "www-data adm"},
    {"run": "/usr/bin/env true", "user": "root"},
)
PIPES: tuple[dict[str, Any], ...] = (
    {},
    {"notify_fifo": "/run/keepalived.fifo"},
    {"notify_fifo": "/run/a.fifo www-data adm", "notify_fifo_script": NOTIFIES[0]},
    {"vrrp_notify_fifo": "/run/b.fifo", "vrrp_notify_fifo_script": NOTIFIES[1]},
    {
        "notify_fifo": "/run/a.fifo root",
        "notify_fifo_script": NOTIFIES[2],
        "vrrp_notify_fifo": "/run/b.fifo",
        "vrrp_notify_fifo_script": "check.sh now",
    },
)
"""FIFOs, and what reads them."""
NUMBERS: tuple[tuple[TrackFile, ...], ...] = (
    (),
    (),
    (TrackFile("load", "/run/load"),),
    (TrackFile("load", "/run/load", -3, 0), TrackFile("down", "/run/down", 0)),
)
"""Files that are tracked."""
PRIORITIES = 60
"""How many there are to choose from, from 2 on: within 60 of each other, and high enough that every weight below can
move the address."""
RAW = ("lower_prio_no_advert true", "# a comment", 'notify_fifo "/run/x"')

# A property is tried with hundreds of clusters, and each number that is drawn takes longer than all that the property
# does with it. So what belongs together is drawn at once: a mask for what may or may not be there, a start and a stride
# for different numbers, one of all orders of a few things.


@cache
def some_of(things: tuple[str, ...], most: int) -> st.SearchStrategy[tuple[str, ...]]:
    """None to so many of these, in any order."""
    return st.sampled_from([order for count in range(most + 1) for order in permutations(things, count)])


def different(draw: st.DrawFn, count: int, low: int, high: int) -> list[int]:
    """So many numbers of a range, no two of them alike."""
    room = high - low + 1
    start, stride = draw(st.integers(0, room - 1)), draw(st.sampled_from(_strides(room)))
    return [low + (start + number * stride) % room for number in range(count)]


@cache
def _strides(room: int) -> list[int]:
    return [step for step in range(1, room) if gcd(step, room) == 1]


@st.composite
def clusters(draw: st.DrawFn) -> Cluster:
    """A valid cluster of two to eight servers with one to four instances."""
    names = [NODES[place] for place in different(draw, draw(st.integers(2, 8)), 0, len(NODES) - 1)]
    scripts = [_script(draw, name) for name in draw(some_of(("web", "db", "Chk_1", "x-y"), 3))]
    vrids = different(draw, draw(st.integers(1, 4)), 1, 255)
    instances = [_instance(draw, number, vrid, names, scripts) for number, vrid in enumerate(vrids)]
    if draw(st.booleans()):  # as those of a pair of routers
        instances = [_beside(instances[0], instance, number) for number, instance in enumerate(instances)]
    files = draw(st.sampled_from(NUMBERS))
    weight = draw(st.sampled_from((None, 0, -2)))
    instances = [_numbered(instance, files, weight) for instance in instances]
    used = {member.node for instance in instances for member in instance.members}
    tracked = {name for instance in instances for name in instance.track_script}
    return Cluster(
        name=draw(st.sampled_from(("lab", "my-lab", "2nd", "for", "a_b-c"))),
        nodes=tuple(_node(draw, number, name) for number, name in enumerate(names) if name in used),
        instances=tuple(instances),
        scripts=tuple(script for script in scripts if script.name in tracked),
        firewall=draw(st.sampled_from(("auto", "none"))),
        log_file=draw(st.booleans()),
        nonlocal_bind=draw(st.booleans()),
        client=draw(st.sampled_from(((), (("ssh_hostname", "127.0.0.9"), ("ssh_port", 2299))))),
        extra_lines=draw(st.sampled_from([(), ("# nothing",), ("! nothing", "# nothing")])),
        **draw(chosen(GLOBAL)),
        **draw(st.sampled_from(PIPES).map(_piped)),
        track_files=files,
        vrrp_sync_group=_groups(draw, instances, scripts),
    )


def _numbered(instance: Instance, files: tuple[TrackFile, ...], weight: int | None) -> Instance:
    """It tracks these files; what has `nopreempt` has no weight."""
    own = 0 if instance.nopreempt else weight
    weights = [("track_file", file.name, own) for file in files if own is not None]
    return replace(instance, track_file=tuple(file.name for file in files), weights=(*instance.weights, *weights))


def _piped(raw: dict[str, Any]) -> dict[str, Any]:
    return {row.key: row.value.read(raw[row.key]) for row in FIFOS if row.key in raw}


def _groups(draw: st.DrawFn, instances: list[Instance], scripts: list[Script]) -> tuple[SyncGroup, ...]:
    """One of those that can move together, or none."""
    alike = [[other for other in instances if _alike(instance, other, scripts)] for instance in instances]
    found = [tuple(instance.name for instance in some) for some in alike if len(some) > 1]
    if not found or draw(st.booleans()):
        return ()
    runs = draw(st.sampled_from(({}, {"notify": Running().read(NOTIFIES[1])})))
    return (SyncGroup(draw(st.sampled_from(("G1", "routers"))), draw(st.sampled_from(found)), **runs),)


def _alike(instance: Instance, other: Instance, scripts: list[Script]) -> bool:
    ranks = [[member.node for member in sorted(each.members, key=lambda it: it.priority)] for each in (instance, other)]
    return (
        ranks[0] == ranks[1]
        and (instance.nopreempt, instance.preempt_delay) == (other.nopreempt, other.preempt_delay)
        and _weighed(instance, scripts) == _weighed(other, scripts)
    )


def _weighed(instance: Instance, scripts: Sequence[Script]) -> set[tuple[str, str]]:
    """(server, or "" for all; what lowers its priority) of an instance: all that move together must track it."""
    checks = {("", script.name) for script in instance.checks(scripts) if script.weight}
    return checks | {(member.node, name) for member in instance.members for _, name, _ in member.weights}


@cache
def chosen(rows: tuple[Setting, ...]) -> st.SearchStrategy[dict[str, Any]]:
    """None of these plain settings, one of them, or all: drawn at once."""
    some = [(row.key, value) for row in plain(rows) for value in _extremes(row)]
    return st.sampled_from([{}, *({key: value} for key, value in some), dict(some), dict(reversed(some))])


def _extremes(row: Setting) -> list[Any]:
    if isinstance(row.value, Running):
        return [row.value.read(raw) for raw in NOTIFIES]
    other = another(row)
    low = row.value.low if isinstance(row.value, Whole | Fraction) else other
    return list(dict.fromkeys((low, other)))


def plain(rows: Iterable[Setting]) -> list[Setting]:
    """The settings on which nothing else depends: their rows say which values they take."""
    return [row for row in rows if row.rendered and not row.managed]


@cache
def values(row: Setting, own: Interface | None = None) -> st.SearchStrategy[Any]:
    """Any value that a plain setting can have; `own`: the server's address."""
    if isinstance(row.value, Own) and own:
        return st.sampled_from((None, own.ip, own.ip + 40))
    if isinstance(row.value, Flag):
        return st.booleans()
    if isinstance(row.value, Whole):
        return st.one_of(st.just(row.default), st.integers(row.value.low, row.value.high))
    if isinstance(row.value, Fraction):
        return st.one_of(st.just(row.default), st.integers(1, 3_000_000).map(lambda number: number / 1000))
    if isinstance(row.value, Text):
        return st.sampled_from((row.default, *WORDS[row.key]))
    raise TypeError(f"no values are known for {row.key}")


def another(row: Setting) -> object:
    """A raw value of a plain setting that is not its default, for d1 of the good cluster."""
    if isinstance(row.value, Own):
        return "10.9.1.26"
    if isinstance(row.value, Text):
        return WORDS[row.key][0]
    if isinstance(row.value, Running):
        return NOTIFIES[0]
    if isinstance(row.value, MailServer):
        return "192.0.2.25:2525"
    if isinstance(row.value, Fraction):
        return 0.25
    return True if isinstance(row.value, Flag) else row.value.high if isinstance(row.value, Whole) else None


def _node(draw: st.DrawFn, number: int, name: str) -> Node:
    mask = draw(st.integers(0, 2 ** (len(CONNECTIONS) + 1) - 1))
    values: dict[str, str | int | bool] = {
        key: value for place, (key, value) in enumerate(CONNECTIONS.items(), 1) if mask >> place & 1
    }
    if mask & 1:
        values |= {"ssh_hostname": "127.0.0.1", "ssh_port": 2200 + number}
    return Node(name, tuple(sorted(values.items())), **draw(chosen(NODE)))


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
        weight=draw(st.sampled_from(WEIGHTS)),
        **draw(_of_kind(KINDS[kind].options)),
        user=draw(st.sampled_from(("nobody", "nobody", "root", "www-data adm"))),
    )


@cache
def _of_kind(options: tuple[str, ...]) -> st.SearchStrategy[dict[str, Any]]:
    """What a check of a kind may say; most say nothing."""
    every = st.fixed_dictionaries({}, optional={key: st.sampled_from(OF_KINDS[key]) for key in options})
    return st.one_of(st.just({}), every)


WEIGHTS = (0, *range(-250, -199), *range(61, 65))
"""Three on the highest priority: 253."""


def _instance(draw: st.DrawFn, number: int, vrid: int, names: list[str], scripts: list[Script]) -> Instance:
    family = draw(st.sampled_from((4, 6)))
    part = {names[place] for place in different(draw, draw(st.integers(2, len(names))), 0, len(names) - 1)}
    advert_int, vmac, interface = draw(ADVERTS), draw(st.booleans()), draw(st.sampled_from(INTERFACES))
    version = 3 if family == 6 or not advert_int.is_integer() else draw(st.sampled_from((2, 3)))
    derived = 3 if family == 6 or not advert_int.is_integer() else 2
    nopreempt = draw(st.booleans())
    tracked = tuple(script.name for script in scripts if not (nopreempt and script.weight))
    return Instance(
        name=f"{draw(st.sampled_from(('VI', 'vip-', 'X')))}_{number}",
        virtual_router_id=vrid,
        virtual_ipaddress=_floating(draw, number, family, interface, vmac=vmac),
        virtual_ipaddress_excluded=_excluded(
            number, *(version for version in draw(EXCLUDED) if version == family or not vmac)
        ),
        members=tuple(
            _members(draw, number, family, interface, [name for name in names if name in part], nopreempt=nopreempt)
        ),
        advert_int=advert_int,
        version=version,
        version_chosen=version != derived or draw(st.booleans()),
        nopreempt=nopreempt,
        preempt_delay=0 if nopreempt else draw(st.sampled_from((0, 1, 30, 1000))),
        unicast=draw(st.booleans()),
        use_vmac=vmac,
        **_tracked(draw, "track_script", draw(some_of(tracked, 3)), (0,) if nopreempt else WEIGHTS),
        extra_lines=draw(some_of(RAW[:2], 2)),
        **draw(chosen(INSTANCE)),
    )


ADVERTS = st.one_of(st.integers(1, 40).map(float), st.integers(1, 4095).map(lambda n: n / 100))


def _tracked(draw: st.DrawFn, key: str, names: tuple[str, ...], weights: Sequence[int]) -> dict[str, Any]:
    """A list of what is tracked, and the weights that some of it has there."""
    chosen = [draw(st.sampled_from((None, None, *weights))) for _ in names]
    own = [(key, name, weight) for name, weight in zip(names, chosen, strict=True) if weight is not None]
    return {key: names, "weights": tuple(own)}


def _members(
    draw: st.DrawFn, number: int, family: int, interface: str, names: list[str], *, nopreempt: bool
) -> list[Member]:
    priorities = different(draw, len(names), 2, PRIORITIES + 1)
    tracked = some_of(tuple(name for name in INTERFACES if name != interface), 2)
    return [
        Member(
            name,
            interface,
            own,
            priorities[place],
            **_tracked(draw, "track_interface", draw(tracked), () if nopreempt else range(-250, -199)),
            **{row.key: draw(values(row, own)) for row in plain(MEMBER)},
        )
        for place, name in enumerate(names)
        for own in [_own(number, family, 16 + NODES.index(name))]
    ]


def _floating(draw: st.DrawFn, number: int, family: int, interface: str, *, vmac: bool) -> tuple[Floating, ...]:
    hosts = different(draw, draw(st.integers(1, 6)), 100, 250)
    prefix = draw(st.sampled_from((24, 32) if family == 4 else (64, 128)))
    addresses = [_address(number, family, host, prefix) for host in hosts]
    return tuple(Floating(address, **draw(_options(family, prefix, interface, vmac))) for address in addresses)


def _beside(first: Instance, instance: Instance, number: int) -> Instance:
    """An instance that can move together with the first one."""
    members = [
        replace(member, address=_own(number, instance.family, 16 + NODES.index(member.node)), mcast_src_ip=None)
        for member in first.members
    ]
    interface = instance.members[0].interface
    return replace(
        instance,
        members=tuple(replace(member, interface=interface, track_interface=(), weights=()) for member in members),
        nopreempt=first.nopreempt,
        preempt_delay=first.preempt_delay,
        track_script=first.track_script,
        weights=first.weights,
    )


EXCLUDED = st.sampled_from([(), (4,), (6,), (6, 4), (4, 4)])
"""The families of the addresses that the adverts do not name."""


def _excluded(number: int, *families: int) -> tuple[Floating, ...]:
    return tuple(
        Floating(_address(number, family, 40 + place, 32 if family == 4 else 64))
        for place, family in enumerate(families)
    )


@cache
def _options(family: int, prefix: int, interface: str, vmac: bool) -> st.SearchStrategy[dict[str, Any]]:
    """What a floating address may say; most say nothing."""
    device = st.sampled_from((None, None, *(() if vmac else (name for name in INTERFACES if name != interface))))
    names = st.sampled_from((None, None, *(() if vmac or family == 6 else ("vip", "a-1"))))
    broadcast = st.sampled_from(
        (None, None, *(() if family == 6 else ("10.9.9.255", *(("+", "-") if prefix < 31 else ()))))
    )
    scope = st.sampled_from((None, None, *(() if family == 6 or prefix < 32 else ("site", "link", "host", 7))))

    extra = st.sampled_from((None, None, "preferred_lft 0", "noprefixroute"))

    def made(
        device: str | None, name: str | None, broadcast: str | None, scope: str | int | None, extra: str | None
    ) -> dict[str, Any]:
        label = f"{device or interface}:{name}" if name else None
        return {"dev": device, "label": label, "brd": broadcast, "scope": scope, "extra": extra}

    return st.one_of(st.just({}), st.builds(made, device, names, broadcast, scope, extra))


def _own(number: int, family: int, host: int) -> Interface:
    return _address(number, family, host, 24 if family == 4 else 64)


def _address(number: int, family: int, host: int, prefix: int) -> Interface:
    text = f"10.9.{number}.{host}" if family == 4 else f"fd00:0:0:{number:x}::{host:x}"
    return ip_interface(f"{text}/{prefix}")
