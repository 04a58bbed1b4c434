"""wapiti, with a database whose readers do not keep its writers out: run by the audit's own Python.

Where a module of it runs out of time, its half-read list of pages stays open, and the next write then waits for it in
vain: "database is locked" (seen on a busy machine). With a write-ahead log, a writer waits for no reader.
"""

from __future__ import annotations

import sqlite3
from importlib import import_module
from typing import Any

connect = sqlite3.connect


def with_write_ahead_log(*where: Any, **options: Any) -> sqlite3.Connection:
    """Open a database as wapiti asks for it."""
    connection: sqlite3.Connection = connect(*where, **options)
    connection.execute("PRAGMA journal_mode=WAL")
    return connection


if __name__ == "__main__":
    sqlite3.connect = with_write_ahead_log  # type: ignore[assignment]
    import_module("wapitiCore.main.wapiti").wapiti_asyncio_wrapper()
