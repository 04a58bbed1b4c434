"""A scanner that crawls and attacks a running wizard, as somebody who has opened the start link.

Everything that it asks for stays on loopback: the audit has no other network, so that the wizard too, which is told to
look at servers with strange names, cannot reach any.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

from floatip.model import inventory
from lab.paths import ROOT
from tests.audit.code import scanner
from tests.audit.excused import Finding, judge
from tests.running import Running, wizard
from wizard.drafts import Drafts

# Those that need no other machine, for things that are here (no LDAP: that module compares pages and only guesses).
MODULES = (
    *("backup", "cookieflags", "crlf", "csp", "csrf", "exec", "file", "htaccess", "http_headers", "methods"),
    *("permanentxss", "redirect", "shellshock", "sql", "xss"),
)
# What would make new things to crawl for ever, start processes, or take away what is being looked at.
LEFT_OUT = (
    "new",
    "practise",
    "delete/*",
    "run/*",
    "cluster/*/status",
    "cluster/*/doctor",
    "cluster/*/drill",
    "cluster/*/move",
    "cluster/*/reboot",
)
PROGRAM = Path(__file__).with_name("patient_wapiti.py")
CRAWL, ATTACK = 10, 4  # seconds: for the crawl, and for each module
FEWEST = 15  # pages and forms; with fewer the scan has not been let in


def wapiti() -> list[str]:
    """Crawl a wizard that holds a finished draft; whatever makes it stumble is a finding too."""
    with tempfile.TemporaryDirectory(prefix="floatip-audit-") as name:
        directory = Path(name)
        _furnish(directory)
        with wizard(directory) as running:
            report = _scan(running, directory)
            said = running.said.read_text()
    kinds = [*report["vulnerabilities"].items(), *report["anomalies"].items()]
    found = [Finding(kind, entry["path"], 0, entry["info"], entry["info"]) for kind, all_ in kinds for entry in all_]
    found += [Finding("error", "wizard", 0, line, line) for line in said.splitlines() if "Exception on" in line]
    if report["infos"]["crawled_pages_nbr"] < FEWEST:
        raise SystemExit(f"wapiti saw only {report['infos']['crawled_pages_nbr']} pages: it was not let in")
    return judge(found, set())  # how far it comes in its time varies: an excuse that was not needed tells nothing


def _furnish(directory: Path) -> None:
    """An inventory and a draft of it."""
    lab = ROOT / "inventories" / "lab.py"
    (directory / "inventories").mkdir()
    shutil.copy(lab, directory / "inventories" / "lab.py")
    found = inventory.raw(lab.read_text("utf-8"), "lab.py")
    assert isinstance(found, tuple)
    Drafts(directory / "state" / "floatip" / "drafts").new(name="lab", hosts=found[0], data=found[1])


def _scan(running: Running, directory: Path) -> dict[str, Any]:
    report = directory / "report.json"
    done = scanner(
        *("python", "-I", str(PROGRAM), "-u", f"{running.address}/", "--scope", "domain", "-m", ",".join(MODULES)),
        *("-C", _cookie(running), "-H", "Sec-Fetch-Site: same-origin"),  # as our own pages in the operator's browser
        *(word for path in LEFT_OUT for word in ("-x", f"{running.address}/{path}")),
        *("--max-scan-time", str(CRAWL), "--max-attack-time", str(ATTACK), "--skip", "csrf_token", "-v", "0"),
        *("--endpoint", running.address, "--dns-endpoint", "localhost", "--no-bugreport"),
        *("--store-session", str(directory / "session"), "--store-config", str(directory / "config")),
        *("-f", "json", "-o", str(report)),
    )
    if not report.exists():
        raise SystemExit(f"wapiti could not run (exit code {done.returncode}): {(done.stdout + done.stderr)[-2000:]}")
    found: dict[str, Any] = json.loads(report.read_text())
    return found


def _cookie(running: Running) -> str:
    """Open the start link and a page with a form: the cookie then holds what the tokens of all forms belong to."""
    jar = CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    for address in (running.link, f"{running.address}/"):
        browser.open(address).close()
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)
