"""Why a file of this computer cannot be used, as a message: the usual reasons of the system by their number."""

from __future__ import annotations

import errno
from collections.abc import Mapping
from typing import Final

from floatip.model.messages import Said, say

REASONS: Final[Mapping[int, Said]] = {
    errno.ENOENT: say("no such file or directory"),
    errno.EACCES: say("permission denied"),
    errno.EPERM: say("operation not permitted"),
    errno.EISDIR: say("is a directory"),
    errno.ENOTDIR: say("not a directory"),
    errno.ENOSPC: say("no space left on device"),
    errno.EROFS: say("read-only file system"),
    errno.EEXIST: say("file exists"),
    errno.EADDRINUSE: say("address already in use"),
    errno.ENAMETOOLONG: say("file name too long"),
}


def of(error: OSError) -> Said:
    """The reason; in the system's own words where it is none of the usual ones."""
    known = REASONS.get(error.errno) if error.errno is not None else None
    return known or say("{name}", name=(error.strerror or str(error)).lower())
