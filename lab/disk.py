"""A container's own files: its name, addresses and keys, in the overlay's upper layer."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from lab import keys
from lab.names import HostSpec
from lab.paths import KEY

USELESS = (
    *("bless-boot", "cryptsetup", "debug", "factory-reset", "fstab", "getty", "gpt-auto", "hibernate-resume", "import"),
    *("integritysetup", "rc-local", "run", "ssh", "system-update", "tpm2", "veritysetup"),
)
"""Generators of units that no container has. systemd runs all there are at each boot and each daemon-reload, of which a
package makes several: they took a third of all processor time of the tests."""

LIGHT = "/usr/local/sbin/lab-light"
_LIGHT = """\
#!/bin/sh
# All that a host needs of an init which only looks on.
mkdir -p /run/network /run/sshd
/usr/local/sbin/lab-links
ifup -a
exec /usr/sbin/sshd -D
"""


def fill(upper: Path, spec: HostSpec, lowers: Sequence[Path]) -> None:
    """Write the files of the host `spec` into the empty directory `upper`, which comes above `lowers`."""
    for name, (mode, text) in files(spec).items():
        path = upper / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)
    _keep_directories(upper, lowers)
    owner = (lowers[-1] / "home/admin").stat()
    for path in (upper / "home/admin/.ssh", upper / "home/admin/.ssh/authorized_keys"):
        os.chown(path, owner.st_uid, owner.st_gid)


def files(spec: HostSpec) -> dict[str, tuple[int, str]]:
    """Path → mode and text."""
    key = keys.host_key(spec.name)
    authorized = keys.public(KEY)
    return {
        "etc/hostname": (0o644, f"{spec.name}\n"),
        "etc/hosts": (0o644, f"127.0.0.1 localhost\n::1 localhost\n127.0.1.1 {spec.name}\n"),
        # A machine id that is there already keeps systemd from taking this for a first boot.
        "etc/machine-id": (0o444, hashlib.md5(spec.name.encode()).hexdigest() + "\n"),
        # Several labs share a few processors: what is measured shall not wait for what is installed beside it.
        "usr/lib/systemd/system/keepalived.service.d/lab.conf": (0o644, "[Service]\nNice=-19\n"),
        # An empty file masks a generator, see systemd.generator(7).
        **{f"etc/systemd/system-generators/systemd-{name}-generator": (0o755, "") for name in USELESS},
        LIGHT.removeprefix("/"): (0o755, _LIGHT),
        "etc/network/interfaces.d/lab": (0o644, interfaces(spec)),
        "etc/ssh/ssh_host_ed25519_key": (0o600, key.read_text()),
        "etc/ssh/ssh_host_ed25519_key.pub": (0o644, keys.public(key)),
        "root/.ssh/authorized_keys": (0o600, authorized),
        "home/admin/.ssh/authorized_keys": (0o600, authorized),
    }


def interfaces(spec: HostSpec) -> str:
    """Its part of interfaces(5)."""
    return f"""\
auto eth0
iface eth0 inet static
    address {spec.management}/24

auto eth1
iface eth1 inet static
    address {spec.address}/24
iface eth1 inet6 static
    address {spec.address6}/64
    accept_ra 0
    dad-attempts 0
"""


def _keep_directories(upper: Path, lowers: Sequence[Path]) -> None:
    """Directories that the overlay takes from the upper layer must look as they do in the uppermost one below."""
    for path in sorted(upper.rglob("*")):
        below = next((found for lower in lowers if (found := lower / path.relative_to(upper)).is_dir()), None)
        if path.is_dir() and below:
            shutil.copystat(below, path)
            os.chown(path, below.stat().st_uid, below.stat().st_gid)
