"""firewalld: a rich rule in the zone of the interface, now and permanently.

Rich rules have no comment; ours are known by their priority. It also puts them before the
operator's own, so that an earlier deny does not win.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from shlex import quote
from typing import Any

from floatip.firewall import places
from floatip.firewall.match import inside
from floatip.firewall.model import Accept, Addition, FirewallError, Flow, Flows, Part, Step, accepted, addition
from floatip.firewall.observe import Observed
from floatip.model.messages import Said, say

PRIORITY = "-112"
ZONE = re.compile(r"[A-Za-z0-9_-]{1,32}")
OURS = re.compile(
    rf'rule priority="{PRIORITY}" family="ipv[46]" source address="(?P<source>[0-9a-f.:]+(?:/10)?)"'
    r'(?: destination address="(?P<destination>[0-9a-f.:]+)")? protocol value="vrrp" accept'
)
XML = re.compile(
    rf'<rule (?=[^>]*priority="{PRIORITY}")[^>]*>\s*<source address="(?P<source>[0-9a-f.:]+(?:/10)?)"\s*/>\s*'
    r'(?:<destination address="(?P<destination>[0-9a-f.:]+)"\s*/>\s*)?<protocol value="vrrp"\s*/>\s*<accept\s*/>'
)
HALVES = {"runtime": "", "permanent": "--permanent "}

FUNCTIONS = rf"""
floatip_zone() {{ # zone -> $keep: what was there before our first change; $file: its file
  keep={places.ZONE_BACKUPS}/$1 file=/etc/firewalld/zones/$1.xml
}}
floatip_zone_keep() {{ # zone
  floatip_zone "$1"
  if [ -d "$keep" ]; then
    after=$(cat "$keep/after") && floatip_sum "$file" || return 1
    # somebody else has changed it since: their file stays, ours cannot be brought back
    if [ "$sum" != "$after" ]; then : >"$keep/foreign"; fi
    return
  fi
  rm -rf "$keep.new" && mkdir -p "$keep.new" || return 1
  for each in "$file" "$file.old"; do if [ -f "$each" ]; then cp -p "$each" "$keep.new/" || return 1; fi; done
  floatip_sum "$file" && echo "$sum" >"$keep.new/after" && mv "$keep.new" "$keep"
}}
floatip_zone_done() {{ # zone
  floatip_zone "$1"
  [ -d "$keep" ] || return 0
  floatip_new "$keep/after" && floatip_sum "$file" && echo "$sum" >"$new" && mv -f "$new" "$keep/after"
}}
floatip_zone_restore() {{ # zone: after our rules are gone, the very bytes from before, if nobody else wrote them since
  floatip_zone "$1"
  if [ -d "$keep" ] && [ ! -e "$keep/foreign" ]; then
    for each in "$file" "$file.old"; do
      if [ -f "$keep/${{each##*/}}" ]; then
        floatip_new "$each" && cp -p "$keep/${{each##*/}}" "$new" && sync "$new" && mv -f "$new" "$each"
      else rm -f "$each"; fi || return 1
    done
  fi
  rm -rf "$keep" "$keep.new" || return 1
  rmdir --ignore-fail-on-non-empty {places.ZONE_BACKUPS} {places.ZONE_BACKUPS.rpartition("/")[0]} 2>/dev/null || :
}}
"""


@dataclass(frozen=True, slots=True)
class Zones:
    """firewalld's zones: which sources and interfaces they have, and the settings of each half."""

    default: str
    active: Mapping[str, Mapping[str, list[str]]]
    halves: Mapping[str, Mapping[str, Mapping[str, Any]]]

    def of(self, flow: Flow) -> str:
        """The zone that decides: one with the source comes before that of the interface."""
        for zone, bound in self.active.items():
            if any(inside(flow.source, source) == "yes" for source in bound.get("sources", [])):
                return zone
        return next(
            (zone for zone, bound in self.active.items() if flow.interface in bound.get("interfaces", [])), self.default
        )

    def rules(self, half: str, zone: str) -> frozenset[Accept]:
        """Our rules in one half of a zone."""
        texts = self.halves[half].get(zone, {}).get("rules_str", [])
        return frozenset(
            Accept("in", found["source"], found["destination"] or "")
            for text in texts
            if (found := OURS.fullmatch(text))
        )

    def open(self, zone: str) -> bool:
        """Whether the zone accepts everything, at run time and after a reboot."""
        return all(self.halves[half].get(zone, {}).get("target") == "ACCEPT" for half in HALVES)


def zones(observed: Observed) -> Zones:
    """firewalld's answers over D-Bus, as `busctl --json` prints them."""
    try:
        default = json.loads(observed.texts["firewalld.default"])["data"][0]
        active = json.loads(observed.texts["firewalld.active"])["data"][0]
        halves = {half: dict(_settings(observed, half)) for half in HALVES}
        found = Zones(default, active, halves)
        names = {default, *active}
        if not all(ZONE.fullmatch(name) for name in names) or not all(
            isinstance(zone, dict) for zone in active.values()
        ):
            raise ValueError(names)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError) as error:
        said = say("The answer of firewalld cannot be understood: “{error}”", error=f"{error!r:.80}")
        raise FirewallError(said) from None
    return found


def _settings(observed: Observed, half: str) -> Iterator[tuple[str, dict[str, Any]]]:
    prefix = f"firewalld.{half}."
    for key, text in observed.texts.items():
        if key.startswith(prefix) and ZONE.fullmatch(zone := key.removeprefix(prefix)):
            data = json.loads(text)["data"][0]
            values = {name: setting["data"] for name, setting in data.items()}
            values["rules_str"] = [str(rule) for rule in values.get("rules_str", [])]
            yield zone, values


def part(observed: Observed, flows: Flows) -> Part:
    """What firewalld contributes. It does not look at what the host sends."""
    found = zones(observed)
    incoming = [flow for flow in flows.needed if flow.direction == "in"]
    rules: list[Said] = []
    steps: list[Step] = []
    for zone in sorted({*found.active, found.default, *found.halves["permanent"]}):
        blocked = [flow for flow in incoming if found.of(flow) == zone and not found.open(zone)]
        present = {half: found.rules(half, zone) for half in HALVES}
        wanted = flows.wanted(blocked, present["runtime"] | present["permanent"])
        rules += [accepted("firewalld", rule, say("zone {zone}", zone=zone)) for rule in wanted]
        changes: list[Step] = [
            _add(half, zone, rule) for half in HALVES for rule in wanted if rule not in present[half]
        ]
        for half in HALVES:
            changes += [_add(half, zone, rule).reverse() for rule in sorted(present[half]) if rule not in wanted]
        if any("--permanent" in step.do for step in changes):
            changes.insert(0, _keep(zone, first=not present["permanent"]))
        steps += changes
    return Part("firewalld", tuple(rules), tuple(steps))


def rich(rule: Accept) -> str:
    """The rule in firewalld's language (firewalld.richlanguage(5))."""
    destination = f' destination address="{rule.destination}"' if rule.destination else ""
    return (
        f'rule priority="{PRIORITY}" family="ipv{rule.family}" source address="{rule.source}"{destination}'
        ' protocol value="vrrp" accept'
    )


def _add(half: str, zone: str, rule: Accept) -> Addition:
    place = say("zone {zone} ({half})", zone=zone, half=half)
    command = f"firewall-cmd -q {HALVES[half]}--zone={zone}"
    add, remove = (f"{command} --{verb}-rich-rule={quote(rich(rule))}" for verb in ("add", "remove"))
    done = "" if half == "runtime" else f"\nfloatip_zone_done {zone}"
    return addition("firewalld", rule, add + done, remove + done, place)


def _keep(zone: str, *, first: bool) -> Step:
    message = say("firewalld: keep a copy of the file of zone {zone}", zone=zone)
    return Step(message, f"floatip_zone_keep {zone}", f"floatip_zone_restore {zone}" if first else ":")


def leftovers(observed: Observed) -> list[Step]:
    """Take our rules out of every zone; then the files of the zones as they were."""
    steps: list[Step] = []
    found = offline(observed)
    if observed.firewalld:
        halves = zones(observed)
        for zone in sorted(halves.halves["runtime"]):
            steps += [_add("runtime", zone, rule).reverse() for rule in sorted(halves.rules("runtime", zone))]
        found = {zone: halves.rules("permanent", zone) for zone in halves.halves["permanent"]}
    for zone, rules in sorted(found.items()):
        if not rules:
            continue
        steps.append(Step(say("firewalld: check the file of zone {zone}", zone=zone), f"floatip_zone_keep {zone}", ":"))
        steps += [_add("permanent", zone, rule).reverse() for rule in sorted(rules)]
        restored = say("firewalld: restore the file of zone {zone}", zone=zone)
        steps.append(Step(restored, f"floatip_zone_restore {zone}", ":"))
    if observed.firewalld:
        return steps
    return [replace(step, do=_without_daemon(step.do), undo=_without_daemon(step.undo)) for step in steps]


def offline(observed: Observed) -> dict[str, frozenset[Accept]]:
    """Our rules in the files of the zones, where firewalld is not running."""
    prefix = "firewalld.file."
    texts = {key.removeprefix(prefix): text for key, text in observed.texts.items() if key.startswith(prefix)}
    return {
        zone: frozenset(Accept("in", found["source"], found["destination"] or "") for found in XML.finditer(text))
        for zone, text in texts.items()
        if ZONE.fullmatch(zone)
    }


def _without_daemon(lines: str) -> str:
    return lines.replace("firewall-cmd -q --permanent ", "firewall-offline-cmd -q ")
