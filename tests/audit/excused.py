"""What a scanner found and is good all the same: one place, one reason. An excuse that nothing needs is a finding."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """What a scanner found. `text`: the lines that it is about."""

    rule: str
    file: str
    line: int
    text: str
    message: str


# (rule, file, words that stand in the line, why it is good)
WORDS = "a list of words without a shell; what is not constant in it was checked by floatip.model.parse or made here"
IMPORT = "starting programs is this module's work; each call is looked at by itself"
SCRIPT = "a whole script, made by functions that quote; their own lines are looked at"
OURS = "one of a few constants of ours"
EXCUSED: tuple[tuple[str, str, str, str], ...] = (
    ("B404", "floatip/runs/detached.py", "import subprocess", IMPORT),
    ("B404", "floatip/runs/pyinfra_run.py", "import subprocess", IMPORT),
    ("B404", "lab/container.py", "import subprocess", IMPORT),
    ("B404", "lab/layers.py", "import subprocess", IMPORT),
    ("B404", "lab/namespace.py", "import subprocess", IMPORT),
    ("B404", "lab/probe.py", "import subprocess", IMPORT),
    ("B404", "lab/shell.py", "import subprocess", IMPORT),
    ("B404", "lab/story.py", "import subprocess", IMPORT),
    ("B404", "lab/watch.py", "import subprocess", IMPORT),
    ("B603", "floatip/runs/detached.py", "subprocess.run(", WORDS),
    ("B603", "floatip/runs/pyinfra_run.py", "subprocess.Popen(argv", WORDS),
    ("B603", "lab/container.py", "subprocess.Popen(", WORDS),
    ("B603", "lab/layers.py", "subprocess.Popen(", WORDS),
    ("B603", "lab/namespace.py", "subprocess.Popen(", WORDS),
    ("B603", "lab/probe.py", "subprocess.", WORDS),
    ("B603", "lab/shell.py", "subprocess.run(list(argv)", WORDS),
    ("B603", "lab/story.py", "subprocess.run(", WORDS),
    ("B603", "lab/watch.py", "subprocess.Popen(", WORDS),
    ("B607", "lab/__main__.py", "os.execvp(", "nsenter is found as the operator's shell would find it"),
    ("B606", "lab/__main__.py", "os.execvp(", "no shell is the point"),
    (
        "B701",
        "floatip/keepalived/render.py",
        "Environment(",
        "keepalived.conf is no HTML; hostile values never reach it",
    ),
    ("B324", "lab/disk.py", "hashlib.md5(spec.name", "the machine id of a lab host, not a signature"),
    ("B108", "lab/paths.py", 'Path("/dev/shm")', "own_runs refuses a directory of somebody else"),
    ("B101", "lab/probe.py", "assert ", "for mypy: a pipe that was asked for is there"),
    ("B101", "lab/watch.py", "assert ", "for mypy: a pipe that was asked for is there"),
    ("Secure Flag cookie", "/", "Secure flag is not set", "there is no TLS on loopback, and no use for it"),
    ("unquoted-in-shell", "floatip/change/nonlocal_bind.py", "echo {value}", "a digit, and 4 or 6"),
    ("unquoted-in-shell", "floatip/change/shipping.py", "rm -f {", "each is quoted"),
    ("unquoted-in-shell", "floatip/deploy/steps/origin.py", "leasing.step(", SCRIPT),
    ("unquoted-in-shell", "floatip/hosts/programs.py", "floatip_program {number}", "a number; all else is quoted"),
    ("unquoted-in-shell", "floatip/deploy/session/lease_callback.py", "scripts.step(self.holder.run, command", SCRIPT),
    ("unquoted-in-shell", "floatip/deploy/session/leasing.py", "connection.step(", SCRIPT),
    ("unquoted-in-shell", "floatip/deploy/steps/checks.py", "trials.script(checks)", SCRIPT),
    ("unquoted-in-shell", "floatip/deploy/operations/trials.py", "floatip_try {number}", "numbers, and nobody"),
    ("unquoted-in-shell", "floatip/deploy/steps/dismissal.py", "leasing.step(state, on, script", SCRIPT),
    ("unquoted-in-shell", "floatip/deploy/steps/firewall.py", "leasing.step(state, host, disarm", SCRIPT),
    ("unquoted-in-shell", "floatip/hosts/connection.py", "StringCommand(script)", SCRIPT),
    ("unquoted-in-shell", "floatip/deploy/operations/scripts.py", "StringCommand(script)", SCRIPT),
    ("unquoted-in-shell", "floatip/server_side/shell.py", "floatip_put {quote(path)}", "the mode: " + OURS),
    ("unquoted-in-shell", "floatip/firewall/shell.py", "floatip_edit {quote(path)}", "the mode: " + OURS),
    ("unquoted-in-shell", "floatip/deploy/operations/keepalived.py", "floatip_keep {conf}", "a path: " + OURS),
    ("unquoted-in-shell", "floatip/deploy/steps/packages.py", "leasing.step(state, host, script", SCRIPT),
    (
        "unquoted-in-shell",
        "floatip/deploy/transaction/pending_changes.py",
        "leasing.step(state, host, pending.keep(change",
        SCRIPT,
    ),
    (
        "unquoted-in-shell",
        "floatip/deploy/transaction/pending_changes.py",
        "self.survey.hosts[name], script[name]",
        SCRIPT,
    ),
    ("unquoted-in-shell", "floatip/deploy/transaction/nodes.py", "leasing.step(state, host, script", SCRIPT),
    (
        "unquoted-in-shell",
        "floatip/deploy/operations/pending.py",
        "floatip_keep_as {path} {copy}",
        "paths and sums: " + OURS,
    ),
    ("unquoted-in-shell", "floatip/deploy/operations/pending.py", "hear {seconds}", "a number"),
    ("unquoted-in-shell", "floatip/firewall/firewalld.py", "--zone={zone}", "ZONE.fullmatch where it was read"),
    ("unquoted-in-shell", "floatip/firewall/firewalld.py", "floatip_zone_keep {zone}", "ZONE.fullmatch, as above"),
    ("unquoted-in-shell", "floatip/firewall/firewalld.py", "floatip_zone_restore {zone}", "ZONE.fullmatch, as above"),
    ("unquoted-in-shell", "floatip/firewall/iptables.py", "floatip_ipt_add {tool} {flag}", OURS),
    ("unquoted-in-shell", "floatip/firewall/iptables.py", "floatip_ipt_delete {tool}", OURS),
    (
        "unquoted-in-shell",
        "floatip/firewall/nftables.py",
        "floatip_nft_add {' '.join(key)}",
        "is_name on each part, where it was read",
    ),
    ("unquoted-in-shell", "floatip/firewall/nftables.py", "floatip_nft_delete {' '.join(key)}", "as above"),
    ("unquoted-in-shell", "floatip/firewall/nftables.py", "if nft list chain {' '.join(key)}", "as above"),
    ("unquoted-in-shell", "floatip/deploy/operations/hosts.py", "chmod {mode}", "the mode: " + OURS),
    ("unquoted-in-shell", "lab/host.py", "chmod {mode:o}", "a number"),
    ("unquoted-in-shell", "lab/making.py", "setup.read_text()", "one of the lab's own scripts"),
    (
        "unquoted-in-shell",
        "lab/image.py",
        "apt-ftparchive packages .",
        "a path of the lab's own; the suite is one of three names",
    ),
    ("B404", "floatip/hosts/workers.py", "import subprocess", IMPORT),
    (
        "B603",
        "floatip/hosts/workers.py",
        "subprocess.Popen",
        "this very Python, and constants and numbers; the rest goes to its stdin",
    ),
    ("B404", "floatip/operate/reboot.py", "import subprocess", IMPORT),
    ("B404", "floatip/operate/drill/worker.py", "import subprocess", IMPORT),
    ("B603", "floatip/operate/reboot.py", "subprocess.run(", WORDS),
    ("B603", "floatip/operate/drill/worker.py", "subprocess.run(", SCRIPT),
    ("B607", "floatip/operate/drill/worker.py", "subprocess.run(", "sh is found as the operator's shell would find it"),
    ("B704", "wizard/show/pictures.py", "Markup(diagram.", "a template with autoescape; tests/unit/test_drill.py"),
    ("markup-of-a-value", "wizard/show/pictures.py", "Markup(diagram.", "as bandit's B704 there"),
    ("unquoted-in-shell", "floatip/operate/drill/faults.py", "{SAVED}", "a constant, and an interface that was quoted"),
    ("unquoted-in-shell", "floatip/operate/drill/faults.py", "ip link set {link} up", "an interface that was quoted"),
    ("unquoted-in-shell", "floatip/operate/drill/faults.py", "ip xfrm policy", "constants"),
    (
        "unquoted-in-shell",
        "floatip/operate/drill/faults.py",
        "{UNIT}",
        "a constant, a number, and a script of ours that was quoted",
    ),
    (
        "B108",
        "floatip/operate/drill/script.py",
        "/tmp/floatip-observer-",
        "its name ends in 32 digits that nobody can guess",
    ),
    ("unquoted-in-shell", "floatip/operate/drill/script.py", "_file(token)", "the function quotes it"),
    ("unquoted-in-shell", "floatip/operate/drill/worker.py", "connection.run(", SCRIPT),
    ("unquoted-in-shell", "floatip/operate/drill/worker.py", "connection.step(", SCRIPT),
    ("unquoted-in-shell", "floatip/runs/lock/holder.py", "connection.run(", SCRIPT),
    ("unquoted-in-shell", "floatip/server_side/lease/scripts.py", "{_FUNCTIONS}{text}", SCRIPT),
    ("unquoted-in-shell", "floatip/operate/drill/worker.py", 'subprocess.run(["sh", "-c", text]', SCRIPT),
    ("unquoted-in-shell", "floatip/hosts/asking.py", "connection.run(", SCRIPT),
    ("unquoted-in-shell", "floatip/hosts/network_script.py", "ip neigh del {address}", "ip_address has read it"),
    ("unquoted-in-shell", "floatip/hosts/network_script.py", "ip neigh show to {address}", "as above"),
    (
        "B601",
        "floatip/hosts/bounded.py",
        "Client.exec_command(",
        "what pyinfra was going to run; looked at where it is made",
    ),
    ("B105", "floatip/model/instance.py", "UNKNOWN_PASSWORD =", "what stands where a password is not known"),
    ("B105", "floatip/model/settings/foreign.py", "PASS =", "a template: the password is filled in elsewhere"),
    ("B105", "floatip/hosts/ssh_errors.py", "SUDO_PASSWORD =", "a code"),
    (
        "B108",
        "floatip/model/paths.py",
        'WRITTEN = ("/etc"',
        "looked at for room; nothing of ours is written to /tmp",
    ),
    ("template-from-a-value", "floatip/keepalived/render.py", "from_string(template)", "lines of the table's own rows"),
    (
        "unquoted-in-shell",
        "floatip/model/settings/documents.py",
        ".join(row)} |",
        "a line of Markdown; no shell sees it",
    ),
    ("B108", "floatip/model/rules/fifos.py", "OPEN: Final", "the places that are refused"),
    ("B405", "wizard/show/icons.py", "ElementTree", "it reads floatip's own icons only"),
    ("B314", "wizard/show/icons.py", "ElementTree.fromstring(SPRITE", "it reads floatip's own icons only"),
    ("B108", "floatip/model/paths.py", "/tmp/keepalived", "keepalived's own choice; nothing of ours is written there"),
    ("unquoted-in-shell", "lab/namespace.py", "cgroup.procs", "a path of the lab's own, from its run number and name"),
)


def judge(found: list[Finding], rules: set[str]) -> list[str]:
    """What is left of the findings; and excuses, of these rules, that nothing needed."""
    needed = {excuse for finding in found for excuse in EXCUSED if _excuses(excuse, finding)}
    left = [finding for finding in found if not any(_excuses(excuse, finding) for excuse in EXCUSED)]
    stale = [excuse for excuse in EXCUSED if excuse[0] in rules and excuse not in needed]
    return [
        *(f"{finding.file}:{finding.line} {finding.rule}: {finding.message}" for finding in left),
        *(f"{file} {rule}: the excuse for “{words}” is not needed (any more)" for rule, file, words, _ in stale),
    ]


def _excuses(excuse: tuple[str, str, str, str], finding: Finding) -> bool:
    rule, file, words, _ = excuse
    return (rule, file) == (finding.rule, finding.file) and words in finding.text
