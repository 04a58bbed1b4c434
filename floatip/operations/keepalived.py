"""Staging, testing, activating and taking back a keepalived.conf: shell scripts.

`keepalived -t` is three different tools on three Debian releases (docs/decisions/config-test.md): on 11 it
prints and exits 0, on 12 it is killed by a file with a non-root script_user. So a twin of the file with
`script_user root` is tested, and any output that is not known to be harmless is a refusal.
"""

from __future__ import annotations

import shlex

from floatip import paths
from floatip.operations.hosts import write
from floatip.preflight import is_ours

REFUSED = "refused"
"""What these scripts print, on a line of its own, where it is the daemon that does not take the file."""

# Lines that a good file draws from one of the three releases.
HARMLESS = (
    r"^[[:space:]]*$",
    r"IPVS|ip_vs|modprobe",
    r"must be in units of 10ms - rounding",
    r"the first IPv6 VIP address (must|should) be link local",
)


def test_script(path: str) -> str:
    """Shell lines that test a configuration file on the host it is for; not zero and text on stderr when it is bad,
    and REFUSED on stdout."""
    twin = shlex.quote(path + "-test")
    harmless = shlex.quote("|".join(HARMLESS))
    return (
        f"sed 's/^    script_user .*/    script_user root/' {shlex.quote(path)} >{twin}; code=0; "
        f"said=$(keepalived -t -f {twin} 2>&1) || code=$?; rm -f {twin}; "
        f'said=$(printf "%s\\n" "$said" | grep -vE {harmless} || true); '
        'if [ "$code" -ne 0 ] || [ -n "$said" ]; then '
        'echo "keepalived refuses this configuration (exit code $code): $said" >&2; echo ' + REFUSED + "; exit 1; fi"
    )


def stage_script(text: str) -> str:
    """Shell lines that put a configuration beside the live one and test it there."""
    staged = paths.STAGED_CONF
    return (
        f"{write(staged, text, '0640')} || exit 1; code=0; ( {test_script(staged)} ) || code=$?; "
        f"rm -f {staged}; exit $code"
    )


def activate_script(text: str, *, was: str | None) -> str:
    """Shell lines that test a configuration, keep the old one, move it into place and have the daemon read it.

    The mark `reload-pending` stands from before the move until the daemon was told, so that a run that was
    cut off in between is finished by the next one.
    """
    keep = ""
    if was is not None:
        kept = paths.PREVIOUS_CONF if is_ours(was) else paths.FOREIGN_CONF
        keep = f"[ ! -s {paths.KEEPALIVED_CONF} ] || cp -p {paths.KEEPALIVED_CONF} {kept}; "
    return (
        f"set -e; {write(paths.STAGED_CONF, text, '0640')}; "
        f"( {test_script(paths.STAGED_CONF)} ) || {{ rm -f {paths.STAGED_CONF}; exit 1; }}; {keep}"
        f"mkdir -p {paths.STATE_DIRECTORY}; touch {paths.PENDING}; "
        f"mv -f {paths.STAGED_CONF} {paths.KEEPALIVED_CONF}; {reload_script()}"
    )


def reload_script() -> str:
    """Shell lines that have the daemon read its file: reload where it runs, start where it does not."""
    return (
        "if systemctl is-active -q keepalived.service; then systemctl reload keepalived.service; "
        "else systemctl reset-failed keepalived.service 2>/dev/null || true; systemctl start keepalived.service; fi; "
        "systemctl is-active -q keepalived.service || "
        "{ echo 'keepalived does not run:' >&2; journalctl -n 8 --no-pager -u keepalived.service >&2; exit 1; }; "
        f"rm -f {paths.PENDING}"
    )


def restore_script(text: str | None, *, active: bool) -> str:
    """Shell lines that bring back what was there before this run: the file, and whether the daemon ran."""
    if text is None:
        return (
            f"systemctl stop keepalived.service || true; "
            f"rm -f {paths.KEEPALIVED_CONF} {paths.STAGED_CONF} {paths.PENDING}"
        )
    tell = reload_script() if active else f"systemctl stop keepalived.service; rm -f {paths.PENDING}"
    return f"set -e; {write(paths.KEEPALIVED_CONF, text, '0640')}; {tell}"
