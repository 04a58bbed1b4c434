"""Runs keepalived on many configurations, in namespaces of its own; JSON in, JSON out.

Started as `unshare --net --mount --pid --fork … python inside.py` (see `daemon`): whatever the daemon
does to interfaces and processes ends with this process. It imports nothing of floatip's.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO

CONF = "/etc/keepalived/keepalived.conf"
END_OF_DUMP = "------< Interfaces >"
STARTED = "Startup complete"
PARENT = re.compile(rf"\w{{3}} \w{{3}} [ \d]\d [\d:]{{8}} \d{{4}}: {STARTED}\n")
"""What the parent says at a moment of its own, even in the middle of a line of its child."""
# The twin for `-t`: 2.2.7 kills itself testing a good file with another script user than root. By its text, not by the
# product's grammar: this process imports nothing, and all other bytes must stay.
SCRIPT_USER = re.compile(r'^(    script_user|    user|    (?:vrrp_)?notify[a-z_]* "[^"]*") [\w -]+$', re.MULTILINE)


def call(*command: str) -> None:
    """Run a command that has to succeed."""
    subprocess.run(command, check=True, capture_output=True)


def prepare(layers: dict[str, str], interfaces: list[str]) -> Path:
    """The root to run in, with the programs that checks may name, and the interfaces up."""
    root = Path(layers["root"])
    options = f"lowerdir={layers['lower']},upperdir={layers['upper']},workdir={layers['work']}"
    call("mount", "-t", "overlay", "overlay", "-o", options, str(root))
    call("mount", "-t", "proc", "proc", "/proc")
    call("mount", "-t", "proc", "proc", str(root / "proc"))
    call("mount", "--rbind", "/dev", str(root / "dev"))
    # No syslog answers here, so each line goes to the console as well: a serial line takes its time.
    call("mount", "--bind", "/dev/null", str(root / "dev" / "console"))
    (root / "etc/keepalived/floatip-scripts").mkdir(exist_ok=True)
    # the last one is a shipped file of which the tests have no text: the checksum is that of nothing
    for name in ("floatip-check", "../../usr/local/bin/check", "floatip-scripts/check.sh.e3b0c44298fc"):
        (root / "etc/keepalived" / name).write_text("#!/bin/sh\n")
        (root / "etc/keepalived" / name).chmod(0o755)
    for number, name in enumerate(interfaces):
        call("ip", "link", "add", name, "type", "veth", "peer", "name", f"peer{number}")
        call("ip", "link", "set", name, "up")
        call("ip", "link", "set", f"peer{number}", "up")
    return root


def answer(root: Path, text: str, host: str) -> dict[str, object]:
    """What `keepalived -t` says about a configuration, and what the daemon dumps after reading it."""
    (root / CONF.lstrip("/")).write_text(SCRIPT_USER.sub(r"\1 root", text))
    identity = ("-i", host) if host else ()
    tested = keepalived(root, "-t", *identity)
    messages, _ = tested.communicate(timeout=30)
    clean()
    (root / CONF.lstrip("/")).write_text(text)
    daemon = keepalived(root, "-P", "-n", "-d", *identity)
    assert daemon.stdout is not None
    dump = until_end(daemon.stdout)
    clean()
    daemon.wait()
    return {"code": tested.returncode, "messages": messages, "dump": dump}


def keepalived(root: Path, *options: str) -> subprocess.Popen[str]:
    """The daemon, with log on stdout and pid files of its own."""
    for leftover in root.glob("tmp/k*.pid"):
        leftover.unlink()
    pids = ("-p", "/tmp/k1.pid", "-r", "/tmp/k2.pid", "-c", "/tmp/k3.pid")
    command = ["chroot", str(root), "keepalived", *options, "-l", *pids, "-f", CONF]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def until_end(stream: IO[str]) -> list[str]:
    """The lines up to the end of what the configuration says."""
    text = ""
    for line in stream:
        text += line
        if STARTED in line:
            text = PARENT.sub("", text)
        if END_OF_DUMP in text[-len(line) - len(END_OF_DUMP) :]:
            break
    return text.partition(END_OF_DUMP)[0].split("\n")[:-1]


def clean() -> None:
    """End every other process of this namespace, and take the virtual MAC interfaces away."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) not in (1, os.getpid()):
            try:
                os.kill(int(entry.name), signal.SIGKILL)
            except ProcessLookupError:
                continue
    for name in os.listdir("/sys/class/net"):
        if name.startswith("vrrp"):
            subprocess.run(["ip", "link", "del", name], check=False, capture_output=True)


def main() -> None:
    """One batch."""
    batch = json.load(sys.stdin)
    call("mount", "-t", "sysfs", "sysfs", "/sys")
    root = prepare(batch["layers"], batch["interfaces"])
    for name, text in batch["beside"].items():
        path = root / "etc/keepalived" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    texts = batch["configurations"]
    hosts = batch["hosts"] or [""] * len(texts)
    json.dump([answer(root, text, host) for text, host in zip(texts, hosts, strict=True)], sys.stdout)


if __name__ == "__main__":
    main()
