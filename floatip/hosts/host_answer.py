"""What that script prints, as a value.

A host is not trusted: every value is decoded strictly and bounded in size, and what does not fit fails that host with a
clear message.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import replace
from ipaddress import ip_interface
from typing import Any

from floatip.hosts import binding, includes, interface_managers
from floatip.hosts.host_script import FILES, MARK, SHIPPED
from floatip.hosts.host_state import File, HostState, Link
from floatip.hosts.ssh_errors import Untold, Why
from floatip.model import passwords
from floatip.model.messages import say
from floatip.server_side.lease.model import shown

MAX_TEXT = 1_000_000  # bytes of one decoded file; a keepalived.conf of eight instances has about 8 kB
CONFIGURATIONS = ("conf", "kept-conf")  # of FILES: those that may hold a password
ROOM_LINE = re.compile(r"([0-9]{1,20}) ([0-9]{1,20}) ([0-9]{1,20}) ([0-9]{1,20}) (/\S{0,79})", re.ASCII)
SHIPPED_FILE = re.compile(rf"{SHIPPED}[A-Za-z0-9._~-]{{1,120}}", re.ASCII)
BLOCK = 4096  # bytes: with less nothing can be written any more


def decode(text: str) -> str:
    """Base64 of a UTF-8 text, strictly; ValueError otherwise."""
    if len(text) > MAX_TEXT * 4 // 3:
        raise ValueError(say("a file is larger than 1 MB"))
    try:
        return base64.b64decode(text, validate=True).decode("utf-8", errors="surrogateescape")
    except binascii.Error as error:
        raise ValueError(say("a file's content is not base64")) from error


def links(text: str) -> tuple[Link, ...]:
    """Interfaces from the JSON of `ip -j addr`; ValueError where it is anything else."""
    found = []
    for entry in _json(text):
        if not entry:
            continue
        addresses = frozenset(_address(info) for info in entry["addr_info"] if "local" in info)
        up = entry.get("operstate") in ("UP", "UNKNOWN")
        name = str(entry["ifname"])
        if not name.isprintable() or len(name) > 15:  # IFNAMSIZ; Linux itself allows `$(id)`, and so does this
            raise ValueError(f"an interface is called {name!r:.40}")
        found.append(Link(name, up, addresses, str(entry.get("address", ""))[:17]))
    return tuple(found)


def _json(text: str) -> list[dict[str, Any]]:
    try:
        found: list[dict[str, Any]] = json.loads(text)
    except RecursionError as error:
        raise ValueError(say("its interfaces are nested too deeply")) from error
    return found


def _address(info: dict[str, Any]) -> str:
    text = f"{info['local']}/{info['prefixlen']}"
    if "%" in text:  # Python takes anything at all behind it
        raise ValueError(f"an address is {text!r:.60}")
    return str(ip_interface(text))


def parse(lines: list[str]) -> HostState:
    """The script's output as a value; ValueError where it is not what the script prints."""
    values: dict[str, list[str]] = {}
    for line in lines:
        key, separator, value = line.partition("=")
        if separator and re.fullmatch(r"[a-z][a-z0-9._-]*", key):
            values.setdefault(key, []).append(value)
    if MARK not in values or "links" not in values or "uid" not in values:
        raise ValueError(say("the check script did not run to its end"))
    system = values.get("os", [""])[0].split()
    included = includes.read(values.get("included", []))
    files = dict(_file(value) for value in values.get("file", []))
    names = passwords.named(
        *(files[key].text for key in CONFIGURATIONS if key in files), *(file.text for file in included)
    )
    return HostState(
        uid=int(values["uid"][0]),
        os=system[0] if system else "",
        release=system[1] if len(system) > 1 else "",
        systemd="systemd" in values,
        packages=_packages(values.get("package", [])),
        units=_units(values.get("unit", [])),
        links=links(values["links"][0]),
        pending="pending" in values,
        files={key: _sealed(file, names) if key in CONFIGURATIONS else file for key, file in files.items()},
        firewall=tuple(line for line in lines if line.startswith("fw.")),
        clock=int(values["clock"][0]) if "clock" in values else None,
        boot=values.get("boot", [""])[0],
        noted="noted" in values,
        lease=shown(values),
        full=full(values.get("room", [])),
        blocked=blocked(values.get("blocked", [])),
        readonly=readonly(values.get("readonly", [])),
        system="".join(sign for sign in values.get("system", [""])[0] if sign.isprintable())[:60],
        apt="noapt" not in values,
        offered=values.get("offered", [""])[0][:60],
        logs=_user(values.get("logs", [])),
        nonlocal_bind=binding.switches(values.get("nonlocal", [])),
        bindings=binding.bindings(values.get("listens", []), values.get("binds", [])),
        included=tuple(replace(file, text=passwords.sealed(file.text, names)) for file in included),
        host=includes.host(values.get("host", [])),
        managers=interface_managers.read(*(values.get(key, []) for key in ("network", "keep", "guard", "nm"))),
    )


def by_root(lines: list[str]) -> HostState:
    """The same; Untold where the script was not root's: then a file that is not shown may well be there."""
    found = parse(lines)
    if found.uid != 0:
        raise Untold(Why.NOT_ROOT)
    return found


def full(lines: list[str]) -> tuple[str, ...]:
    """The mount points without room, of what ROOM prints. Some file systems count no inodes."""
    rows = [row for row in map(ROOM_LINE.fullmatch, lines) if row]
    without = [row[5] for row in rows if int(row[1]) * int(row[2]) < BLOCK or (int(row[3]) and not int(row[4]))]
    return tuple(dict.fromkeys(without))


def readonly(lines: list[str]) -> tuple[str, ...]:
    """The mount points of file systems that take no change."""
    return tuple(dict.fromkeys(line[:80] for line in lines if line.startswith("/")))


def blocked(lines: list[str]) -> tuple[tuple[str, str], ...]:
    """(path, owner) of each line `blocked=OWNER PATH`."""
    return tuple((path[:80], owner[:32]) for owner, _, path in (line.partition(" ") for line in lines))


def _user(lines: list[str]) -> str:
    """Whom rsyslog becomes. Debian's stays root; its relatives give the right to be root away."""
    return next((line for line in lines if re.fullmatch(r"[a-z_][a-z0-9_-]{0,31}", line, re.ASCII)), "root")


def _packages(lines: list[str]) -> dict[str, str]:
    rows = [line.split() for line in lines]
    return {row[0]: row[2] for row in rows if len(row) == 3 and row[1] == "installed"}


def _units(lines: list[str]) -> dict[str, tuple[str, str]]:
    units: dict[str, tuple[str, str]] = {}
    current: dict[str, str] = {}
    for line in [*lines, ""]:
        key, separator, value = line.partition("=")
        if separator:
            current[key] = value
        elif current:
            name = current.get("Id", "").removesuffix(".service")
            units[name] = (current.get("ActiveState", ""), current.get("UnitFileState", ""))
            current = {}
    return units


def _file(value: str) -> tuple[str, File]:
    key, mode, content = [*value.split(" "), "", ""][:3]
    if (key not in FILES and not SHIPPED_FILE.fullmatch(key)) or not re.fullmatch(r"[0-7]{3,4}:[\w.-]+:[\w.-]+", mode):
        raise ValueError(say("a file line is malformed"))
    return key, File(mode, decode(content))


def _sealed(file: File, names: frozenset[str]) -> File:
    return replace(file, text=passwords.sealed(file.text, names))
