"""The lab: real Debian hosts on one machine, in namespaces of their own, that leave nothing behind.

    names       who is who: addresses and ports          recipe, image  what a host is made of, built and cached
    paths, keys where things are kept; SSH keys          namespace, cgroups, init  the walls around a lab
    network     the switch, the cables, the way for SSH  host           one booted host: power, cable, commands
    runs        runs on disk, dead ones swept away       lab            the whole: up, attach, reset, down
    pinger, probe, watch   what a client notices and who holds an address, measured
    story       the article's result, told with figures  vagrant        the same hosts in VirtualBox
"""

from lab.host import Host
from lab.lab import USUAL, Lab
from lab.shell import LabError, wait_until

__all__ = ["USUAL", "Host", "Lab", "LabError", "wait_until"]
