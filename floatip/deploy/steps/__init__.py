"""What deploy.py calls for each host, one after the other.

dismissal   a member leaves the cluster before anything else is done
install     packages, and the record of what was there before
packages    waiting for whoever else works on packages
log         the daemon's own log file and its rotation
firewall    one added accept for VRRP
services    services may bind the floating address, and systemd-networkd leaves it alone
keepalived  the configuration: tested on every host, then made live in the plan's order, or rolled back
checks      new health checks tried once; and what the daemons make of all
proof       exactly one holder for each address
answers     who answers for them
origin      who deployed what, noted on the servers
removal     everything away again
"""
