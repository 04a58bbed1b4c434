"""The files that a server's keepalived.conf includes, as keepalived looks for them: a pattern is relative to the
directory of the file that names it. Bounded in number and size; what is beyond that is not printed."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from typing import Final

from floatip.keepalived.conf import Included
from floatip.model.paths import KEEPALIVED_CONF

PID: Final = "/run/keepalived.pid"
MOST: Final = 50  # files
ROOM: Final = 500_000  # bytes of them all
PROBE = rf"""
echo "host=$(uname -n)"
! read -r floatip_pid <{PID} 2>/dev/null || tr '\0' '\n' 2>/dev/null <"/proc/$floatip_pid/cmdline" |
    sed -n -e '/^\(-i\|--config-id\)$/{{n;s/^/host=/p}}' -e 's/^--config-id=/host=/p' -e 's/^-i\(.\)/host=\1/p'
floatip_asked=; floatip_files=0; floatip_room={ROOM}; floatip_queue='{KEEPALIVED_CONF}
'
while [ -n "$floatip_queue" ]; do
    floatip_from=${{floatip_queue%%"
"*}}
    floatip_queue=${{floatip_queue#*"
"}}
    [ -f "$floatip_from" ] || continue
    floatip_path=${{floatip_from%/*}}
    while IFS= read -r floatip_pattern; do
        [ -n "$floatip_pattern" ] || continue
        case $floatip_asked in *"
$floatip_path $floatip_pattern
"*) continue ;; esac
        floatip_asked="$floatip_asked
$floatip_path $floatip_pattern
"
        while IFS= read -r floatip_file; do
            [ -n "$floatip_file" ] && [ "$floatip_files" -lt {MOST} ] || continue
            floatip_size=$(wc -c <"$floatip_file") || continue
            [ "$floatip_size" -le "$floatip_room" ] || continue
            floatip_room=$((floatip_room - floatip_size)); floatip_files=$((floatip_files + 1))
            echo "included=$(printf %s "$floatip_path" | base64 -w0)" \
                "$(printf %s "$floatip_pattern" | base64 -w0) $(printf %s "$floatip_file" | base64 -w0)" \
                "$(head -c "$floatip_size" <"$floatip_file" | base64 -w0)."
            floatip_queue="$floatip_queue$floatip_file
"
        done <<FLOATIP_FOUND
$(cd "$floatip_path" && IFS= && for floatip_file in $floatip_pattern; do
    case $floatip_file in /*) ;; *) floatip_file=$floatip_path/$floatip_file ;; esac
    [ ! -f "$floatip_file" ] || printf '%s\n' "$floatip_file"
done)
FLOATIP_FOUND
    done <<FLOATIP_NAMED
$(sed -n 's/^[[:space:]]*\(@[^[:space:]]*[[:space:]]\{{1,\}}\)\{{0,1\}}include[rmwba]\{{0,1\}}[[:space:]]\{{1,\}}//p' \
    <"$floatip_from" | sed 's/[!#].*//; s/[[:space:]]*$//')
FLOATIP_NAMED
done
"""
"""Prints the host name, or what else keepalived was told to compare with (`--config-id`), and of each included file
the directory and the pattern that named it, its path and its text, each in base64; a dot ends the line."""


def read(lines: Iterable[str]) -> tuple[Included, ...]:
    """What it printed after `included=`, with all passwords; ValueError where that is nothing of the kind."""
    found = []
    for line in list(lines)[:MOST]:
        directory, pattern, path, text = (_decoded(word) for word in line.removesuffix(".").split(" "))
        found.append(Included(directory, pattern, path, text))
    return tuple(found)


def host(lines: Sequence[str]) -> str:
    """What lines with `@` are compared with."""
    name = lines[0].partition(".")[0] if len(lines) == 1 else "".join(lines[-1:])
    return "".join(sign for sign in name if sign.isprintable())[:64]


def written(file: Included) -> str:
    """The line again, of what may be shown."""
    return " ".join(_encoded(word) for word in (file.directory, file.pattern, file.path, file.text)) + "."


def _decoded(word: str) -> str:
    return base64.b64decode(word, validate=True).decode("utf-8", "surrogateescape")


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode("utf-8", "surrogateescape")).decode()
