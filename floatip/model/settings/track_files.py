"""Files with a number that instances track (`track_file`): keepalived multiplies it by a weight, and adds that to the
priority. Somebody else writes the number; keepalived sees it at once (inotify), and takes 0 where there is no file.

With weight 0 any number but 0 puts the server into FAULT, and so does a product of -254 (track_file.c).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from floatip.model import expected
from floatip.model.messages import say
from floatip.model.settings.row import Scope, Setting
from floatip.model.settings.values import Text, Value, Whole

FILES: tuple[Setting, ...] = (
    Setting(
        key="file",
        scope=Scope.FILE,
        value=Text(expected.file),
        required=True,
        neutral="",
        always=True,
        doc='its path on the servers, `"/run/load"`; the directory must exist when keepalived starts',
    ),
    Setting(
        key="weight",
        scope=Scope.FILE,
        value=Whole(-253, 253),
        default=1,
        doc="what the number in it is multiplied by before it is added to the priority. 0: any number but 0 takes the "
        "server out. So does a product of -254 or less",
    ),
    Setting(
        key="init_file",
        scope=Scope.FILE,
        value=Whole(-254, 254),
        standard="none",
        doc="the number that keepalived writes into it when it starts and the file is missing. floatip leaves it "
        "alone, even when the cluster is removed",
    ),
)


@dataclass(frozen=True, slots=True)
class Files(Value):
    """Tracked files; `floatip.model.parse.track_files` reads them."""

    keyword = False

    def plain(self, value: Any) -> object:
        """A dict: name → settings."""
        return {file.name: {row.key: row.plain(file) for row in FILES if row.given(file)} for file in value}


TRACK_FILES: Final = Setting(
    key="track_files",
    scope=Scope.CLUSTER,
    value=Files(),
    default=(),
    standard="none",
    managed=True,
    doc='name → file with a number that instances track (below): `{"load": {"file": "/run/load", "weight": -1}}`',
    label=say("Files with a number that changes the priority (track_file)"),
    help=say("like load: /run/load weight -1; separate several with a semicolon"),
    page="extras",
)
