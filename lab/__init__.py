"""The lab: real Debian hosts on one machine, in namespaces of their own, that leave nothing behind.

Layers, lowest first:

- `shell`, `paths`, `names`, `keys`: running commands; where things are kept; who is who; SSH keys
- `recipe`, `image`, `disk`: what a host is made of, built once and cached; each host's own files
- `layers`, `making`: the states that stories begin in, kept between the image and a host's own files; how they are made
- `namespace`, `cgroups`, `inotify`, `init`, `runs`: the walls around a lab, and how every trace of it goes away
- `network`, `netlink`, `host`, `container`, `vagrant`: the switch and its cables; one host, here or in VirtualBox
- `routers`: a second network behind the servers
- `machine`: the whole machine, shared by all that work on it, or kept for one measurement
- `place`, `lab`: the whole: up, attach, reset, down
- `pinger`, `probe`, `watch`: what a client notices and who holds an address, measured
- `story`: the article's result, told with figures
"""

from lab.host import Host
from lab.lab import USUAL, Lab
from lab.probe import Pings, Probe, probe_for
from lab.shell import LabError, wait_until

__all__ = ["USUAL", "Host", "Lab", "LabError", "Pings", "Probe", "probe_for", "wait_until"]
