"""Debian's relatives, imitated: what Ubuntu and Raspberry Pi OS have otherwise is set up on Debian hosts."""

from __future__ import annotations

from functools import partial

import pytest

from floatip.change.plan import Kind
from floatip.hosts.preflight import Code
from floatip.model import paths
from floatip.model.problems import Level
from floatip.runs.events import Remark
from lab import wait_until
from lab.host import Host
from lab.layers import State
from lab.place import Place
from tests.lab import stories
from tests.lab.changes import INVENTORY
from tests.lab.conftest import Runs

UBUNTU = r"""
printf 'ID=ubuntu\nID_LIKE=debian\nVERSION_ID="24.04"\nPRETTY_NAME="Ubuntu 24.04.3 LTS"\n' >/etc/os-release.new
mv /etc/os-release.new /etc/os-release
groupadd --system syslog
useradd --system --gid syslog --groups adm --no-create-home syslog
chown root:syslog /var/log
chmod 0775 /var/log
sed -i 's/^[$]FileOwner .*/$FileOwner syslog/; $a $PrivDropToUser syslog\n$PrivDropToGroup syslog' /etc/rsyslog.conf
sed -i '1i su root adm' /etc/logrotate.conf
systemctl restart rsyslog
"""
"""Its name, and an rsyslog that gives the right to be root away (os-release(5), rsyslog.conf(5) of its packages)."""
RASPBIAN = r"""
printf 'ID=raspbian\nID_LIKE=debian\nVERSION_ID="12"\nPRETTY_NAME="Raspbian GNU/Linux 12"\n' >/etc/os-release.new
mv /etc/os-release.new /etc/os-release
"""


@pytest.mark.hosts(State.READY)
def test_a_relative_is_served_with_a_warning(lab: Place, deploy: Runs) -> None:
    d1, d2 = lab.servers
    d1.run(UBUNTU)
    d2.run(RASPBIAN)
    first = deploy(INVENTORY)
    remarks = {
        (remark.path, remark.code, remark.level) for remark in first.all(Remark) if remark.code == Code.UNTESTED_SYSTEM
    }
    assert remarks == {(f"nodes.{name}", Code.UNTESTED_SYSTEM, Level.WARNING) for name in ("d1", "d2")}
    stories.settles(lab, "d1")
    d1.run("systemctl stop keepalived")
    stories.settles(lab, "d2")
    for host, owner in ((d1, "syslog"), (d2, "root")):
        wait_until("its log has the transition", partial(_has_transition, host))
        assert host.run(f"stat -c '%a %U:%G' {paths.LOG}").stdout == f"640 {owner}:adm\n"
    d1.run(f"logrotate -f {paths.LOGROTATE_CONF}; systemctl start keepalived")
    stories.settles(lab, "d1")
    wait_until("the new file is written", partial(_has_transition, d1))
    assert deploy(INVENTORY).planned.kind is Kind.NOTHING
    d1.run("mkdir /root/away; mv /usr/bin/apt-get /root/away")
    refused = deploy(INVENTORY, check=False)
    assert {(error.path, error.code) for error in refused.errors} == {("nodes.d1", Code.NO_APT)}


def _has_transition(host: Host) -> bool:
    return "Entering MASTER STATE" in host.read(paths.LOG)
