"""A run that does not begin."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pyinfra.api.exceptions import DeployError

from floatip.hosts.ssh_errors import Why
from floatip.language.telling import tell
from floatip.model.messages import Said
from floatip.runs.events import Refusal, Refused


class Refusing(DeployError):
    """The run does not begin; `event` has the code. `more`: lines below the message, for the terminal."""

    def __init__(
        self,
        code: Refusal,
        message: Said,
        nodes: Iterable[str] = (),
        *,
        more: Iterable[str] = (),
        reasons: Mapping[str, Why] | None = None,
    ) -> None:
        self.event = Refused(code, message, tuple(nodes), reasons or {})
        super().__init__("\n".join([tell(message), *more]))
