"""The one fact of the deploy: what `floatip.host_state` asks a host, through pyinfra."""

from __future__ import annotations

from pyinfra.api import FactBase
from pyinfra.api.exceptions import FactProcessError

from floatip.host_state import SCRIPT, HostState, parse


class HostStateFact(FactBase[HostState]):
    """The state of a host. Needs root (or `_sudo`)."""

    def command(self) -> str:
        """The script, for pyinfra to run."""
        return SCRIPT

    def process(self, output: list[str]) -> HostState:
        """Its answer; one that cannot be understood fails that host alone, with a message."""
        try:
            return parse(output)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise FactProcessError(f"the host's answer cannot be understood: {error}") from None


class ScriptLines(FactBase[list[str]]):
    """What a script of ours prints, unread."""

    def command(self, script: str) -> str:
        """The script, for pyinfra to run."""
        return script

    def process(self, output: list[str]) -> list[str]:
        """As it came."""
        return list(output)
