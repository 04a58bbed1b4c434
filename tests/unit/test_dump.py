"""What the tests of configurations read of a daemon's dump, wherever its parent cuts in."""

from __future__ import annotations

import io

from tests.config.inside import until_end

STAMP = "Mon Nov 30 02:05:15 2026: "
LINES = [
    f"{STAMP}------< Global definitions >------",
    f"{STAMP} Router ID = d1",
    f"{STAMP} VRRP notify fifo script = '/usr/bin/env' 'true', uid:gid = 0:0",
]
END = f"{STAMP}------< Interfaces >------\n"
"""Of what the configuration says."""


def test_the_parent_may_cut_in_anywhere() -> None:
    text = "\n".join([*LINES, END])
    for place in range(len(text)):
        cut = f"{text[:place]}{STAMP}Startup complete\n{text[place:]}"
        assert until_end(io.StringIO(f"{cut} what comes then\n")) == LINES, cut
