"""A finished cluster as a zip, to carry to another computer or to look at first. Same cluster, same bytes."""

from __future__ import annotations

import io
import zipfile

from floatip.change import nonlocal_bind
from floatip.keepalived import render
from floatip.keepalived.conf import masked
from floatip.model import inventory
from floatip.model.cluster import Cluster
from floatip.model.paths import CHECK_SCRIPT, KEEPALIVED_CONF, LOGROTATE_CONF, RESTART_CONF, RSYSLOG_CONF, SYSCTL_CONF
from floatip.model.settings import scripts

EPOCH = (1980, 1, 1, 0, 0, 0)
README = """{name}: made with floatip's wizard

Wherever floatip is installed:

    floatip check inventories/{name}.py
    floatip deploy inventories/{name}.py --dry
    floatip deploy inventories/{name}.py

servers/ shows every file that the servers get; the deploy writes them by itself.
"""


def made(cluster: Cluster) -> bytes:
    """The zip."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in files(cluster).items():
            archive.writestr(zipfile.ZipInfo(f"floatip-{cluster.name}/{path}", EPOCH), text)
    return target.getvalue()


def files(cluster: Cluster) -> dict[str, str]:
    """Path → text."""
    found = {
        "README.txt": README.format(name=cluster.name),
        f"inventories/{cluster.name}.py": inventory.dumps(cluster),
    }
    found |= {f"inventories/{file.file}": file.text for file, _ in scripts.files(cluster) if file.text is not None}
    for node in cluster.nodes:
        there = {
            KEEPALIVED_CONF: masked(render.keepalived_conf(cluster, node.name)),
            RESTART_CONF: render.restart_conf(),
        }
        if render.needs_check_script(cluster, node.name):
            there[CHECK_SCRIPT] = render.check_script(cluster.scripts)
        if cluster.log_file:
            there |= {RSYSLOG_CONF: render.rsyslog_conf(), LOGROTATE_CONF: render.logrotate_conf()}
        there |= scripts.shipped(cluster, node.name)
        if shared := nonlocal_bind.text(cluster):
            there[SYSCTL_CONF] = shared
        found |= {f"servers/{node.name}{path}": text for path, text in sorted(there.items())}
    return found
