"""`floatip wizard`: waitress on 127.0.0.1, and the link that opens it."""

from __future__ import annotations

import getpass
import os
import re
import socket
import sys
import tempfile
import webbrowser
from contextlib import suppress
from pathlib import Path

from waitress.server import create_server

from floatip.language import telling
from floatip.model import atomic
from floatip.model.messages import Said, say
from floatip.runs import storage
from wizard import context, create_app

PAGE = '<!doctype html><meta http-equiv="refresh" content="0;url={link}"><title>floatip</title>\n'


def serve(port: int, inventories: Path, *, browser: bool) -> None:
    """Serve until interrupted. The link stands alone on the first line of standard output."""
    app = create_app(storage.state_directory(), inventories)
    listening = _listening(port, storage.state_directory() / "port")
    server = create_server(app, sockets=[listening], threads=8, ident=None)
    actual: int = listening.getsockname()[1]
    app.config["SESSION_COOKIE_NAME"] = f"floatip_{actual}"  # cookies know hosts, not ports
    link = f"http://127.0.0.1:{actual}/start/{context.of(app).start_link.token}"
    print(link, flush=True)
    if os.environ.get("SSH_CONNECTION"):
        host = os.environ["SSH_CONNECTION"].split()[2]
        line = f"ssh -L {actual}:127.0.0.1:{actual} {getpass.getuser()}@{host}"
        _tell(say("On your own computer, run `{command}`, then open the link there.", command=line))
    _tell(say("Inventories are kept in {directory}.", directory=context.of(app).inventories.directory))
    page = _open(link) if browser and not os.environ.get("SSH_CONNECTION") else None
    _tell(say("The link opens the wizard once, within ten minutes. Stop with Ctrl-C."))
    try:
        server.run()
    except KeyboardInterrupt:
        pass
    finally:
        server.close()
        if page:
            page.unlink(missing_ok=True)


def _tell(message: Said) -> None:
    print(telling.tell(message), file=sys.stderr, flush=True)


def _listening(port: int, kept: Path) -> socket.socket:
    """On the port that was asked for; else on that of the last start, where it is free: open pages find it there."""
    try:
        made = socket.create_server(("127.0.0.1", port or _last(kept)))
    except OSError:
        if port:
            raise
        made = socket.create_server(("127.0.0.1", 0))
    with suppress(OSError):  # the next start is on another one, no more
        atomic.write(kept, f"{made.getsockname()[1]}\n")
    return made


def _last(kept: Path) -> int:
    try:
        text = kept.read_text("ascii").strip()
    except (OSError, ValueError):
        return 0
    return int(text) if re.fullmatch(r"[0-9]{4,5}", text) and 1024 <= int(text) < 65536 else 0


def _open(link: str) -> Path:
    """By way of a private file: a browser's command line can be read by everybody on the machine."""
    with tempfile.NamedTemporaryFile("w", suffix=".html", prefix="floatip-", delete=False) as file:
        file.write(PAGE.format(link=link))
    webbrowser.open(Path(file.name).as_uri())
    return Path(file.name)
