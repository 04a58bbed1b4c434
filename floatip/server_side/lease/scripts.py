"""What is done on the server: shell scripts for root's sh, and how their answers are read.

Everything that reads the lease and acts on it does so under one flock(2) on LOCK, which a step holds until it is done:
so a run that was paused meanwhile, and whose lease somebody else has by now, cannot change anything. Nobody can renew
the lease during a step, so it lasts longer then. The lock file has the process id of the step at work.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from floatip.model import paths
from floatip.server_side.lease.model import LONGEST, SECONDS, Lease, What, read

REFUSED = 75
"""The exit code of a step that was not done because the lease is not the run's (EX_TEMPFAIL)."""
PATIENCE = 3  # seconds to wait for somebody else's step
STEP_PATIENCE = 20  # seconds that a step waits for whoever takes or renews just now: these are quick
STEP_SECONDS = 600  # of the lease while a step is being done, which has the lock all the time anyway
BURIED = 360  # seconds to wait for the last step of a run that was killed: it may wait five minutes for the packages
ANSWER = re.compile(r"floatip-lease=(taken|held|step|lost|given) ([0-9]{1,10}) ([0-9]{1,10})(?: (.*))?")

# Names that no script of a step can mean. `floatip_up` is the uptime in whole seconds.
_FUNCTIONS = r"""
floatip_read() {
    floatip_line= floatip_run= floatip_until=0 floatip_rest= floatip_step=
    [ ! -f "$floatip_lease" ] || read -r floatip_line <"$floatip_lease" || :
    read -r _ floatip_run floatip_until floatip_rest <<E
$floatip_line
E
    case $floatip_until in '' | *[!0-9]*) floatip_until=0 ;; esac
    [ ! -f "$floatip_lock" ] || read -r floatip_step <"$floatip_lock" || :
    case $floatip_step in '' | *[!0-9]*) floatip_step=0 ;; esac
    read -r floatip_up _ </proc/uptime
    floatip_up=${floatip_up%.*}
}
floatip_say() {
    echo "floatip-lease=$1 $floatip_up $floatip_step $floatip_line"
    exit "${2:-0}"
}
floatip_write() {
    (umask 077; echo "1 $floatip_run $((floatip_up + floatip_seconds)) $floatip_rest" >"$floatip_lease.new") &&
        mv -f "$floatip_lease.new" "$floatip_lease"
}
"""
# sudo drops SSH_CONNECTION, so root looks for it in the environments of the processes above.
_FROM = r"""
floatip_from() {
    floatip_pid=$$ floatip_tries=0
    while [ "${floatip_pid:-0}" -gt 1 ] && [ $floatip_tries -lt 12 ]; do
        floatip_address=$(tr '\0' '\n' 2>/dev/null </proc/"$floatip_pid"/environ | sed -n 's/^SSH_CONNECTION=//p')
        floatip_address=${floatip_address%% *}
        case $floatip_address in '') ;; *[!0-9A-Za-z.:%]*) break ;; *) echo "$floatip_address"; return ;; esac
        floatip_pid=$(sed -n 's/^PPid:[[:space:]]*//p' /proc/"$floatip_pid"/status 2>/dev/null)
        floatip_tries=$((floatip_tries + 1))
    done
    echo -
}
"""


class Found(StrEnum):
    """How a script found the lease."""

    TAKEN = "taken"  # it is the run's now
    HELD = "held"  # by another run
    STEP = "step"  # a step is being done, whose lock was not to be had
    LOST = "lost"  # it is not the run's (any more)
    GIVEN = "given"  # it was given back


@dataclass(frozen=True, slots=True)
class Answer:
    """What a script said. `lease`: the one on the server, where it can be understood; `step`: a process, or 0."""

    found: Found
    lease: Lease | None
    step: int


def answer(lines: Iterable[str]) -> Answer | None:
    """The answer among these lines; None where there is none."""
    for line in lines:
        if said := ANSWER.fullmatch(line[: LONGEST + 60].rstrip()):
            return Answer(Found(said[1]), read(said[4] or "", int(said[2])), int(said[3]))
    return None


def refused(said: str) -> bool:
    """Whether a step was not done, from all that whoever ran it has printed."""
    return "floatip-lease=lost " in said


def take(run: str, what: What, process: str, who: str, *, instead: str = "", root: str = "") -> str:
    """Take the lease where it is free, has expired, or is this run's already.

    `instead`: a run that is known to be dead, whose lease may be taken and whose last step is waited for.
    """
    mine, other = shlex.quote(run), shlex.quote(instead)
    return _script(
        root,
        f"""{_FROM}
mkdir -p -m 0700 "${{floatip_lock%/*}}" || exit 1
while :; do
    (umask 077; : >>"$floatip_lock") || exit 1
    exec 9>>"$floatip_lock"
    flock -w {BURIED if instead else PATIENCE} 9 || {{ floatip_read; floatip_say step; }}
    # A removal may have taken the file away from under whoever was waiting.
    [ "$(stat -L -c %i /proc/$$/fd/9)" != "$(stat -c %i "$floatip_lock" 2>/dev/null)" ] || break
done
floatip_read
case $floatip_run in
    {mine}) ;;
    '' | {other}) floatip_rest= ;;
    *) [ "$floatip_until" -le "$floatip_up" ] || floatip_say held; floatip_rest= ;;
esac
floatip_run={mine}
floatip_rest=${{floatip_rest:-$floatip_up {what} $(floatip_from) {shlex.quote(process)} {shlex.quote(who)}}}
floatip_write || exit 1
floatip_read
floatip_say taken
""",
    )


def renew(run: str, *, root: str = "") -> str:
    """Have the lease last again. A step under way has the lock, and renews it itself."""
    return _script(
        root,
        f"""[ -f "$floatip_lock" ] || {{ floatip_read; floatip_say lost; }}
exec 9>>"$floatip_lock"
flock -n 9 || {{ floatip_read; floatip_say step; }}
floatip_read
[ "$floatip_run" = {shlex.quote(run)} ] || floatip_say lost
floatip_write || exit 1
floatip_say taken
""",
    )


def give_back(run: str, *, traces: bool = True, root: str = "") -> str:
    """Let the lease go, where it is this run's. `traces`: False removes the directory too."""
    last = "" if traces else 'rm -f "$floatip_lock"; rmdir --ignore-fail-on-non-empty "${floatip_lock%/*}"\n'
    return _script(
        root,
        f"""[ -f "$floatip_lock" ] || {{ floatip_read; floatip_say lost; }}
exec 9>>"$floatip_lock"
flock -w {PATIENCE} 9 || {{ floatip_read; floatip_say step; }}
floatip_read
[ "$floatip_run" = {shlex.quote(run)} ] || floatip_say lost
rm -f "$floatip_lease" || exit 1
{last}floatip_say given
""",
    )


def step(run: str, script: str, *, root: str = "") -> str:
    """Run a script if the lease is this run's, under the lock, and renew the lease before and after it.

    An expired lease that nobody has taken since is still the run's. What the script leaves running does not inherit the
    lock. REFUSED, and the answer on standard error, where the script was not run.
    """
    return _script(
        root,
        f"""[ -f "$floatip_lock" ] || {{ floatip_read; floatip_say lost {REFUSED} >&2; }}
exec 9>>"$floatip_lock"
flock -w {STEP_PATIENCE} 9 || {{ floatip_read; floatip_say step {REFUSED} >&2; }}
floatip_read
[ "$floatip_run" = {shlex.quote(run)} ] || floatip_say lost {REFUSED} >&2
floatip_seconds={STEP_SECONDS}
floatip_write && echo $$ >"$floatip_lock" || exit 1
(
{script}
) 9>&-
floatip_code=$?
: >"$floatip_lock"
floatip_read
floatip_seconds={SECONDS}
[ "$floatip_run" != {shlex.quote(run)} ] || floatip_write
exit $floatip_code
""",
    )


def _script(root: str, text: str) -> str:
    lease, lock = shlex.quote(root + paths.LEASE), shlex.quote(root + paths.LEASE_LOCK)
    return f"floatip_lease={lease} floatip_lock={lock} floatip_seconds={SECONDS}{_FUNCTIONS}{text}"
