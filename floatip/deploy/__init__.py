"""The deploy, as deploy.py calls it: the only room that knows both pyinfra and the rest.

Rooms, from the ground up; each imports only from those above it (tests/unit/test_layers.py):

    operations   one shell script each, where pyinfra's own operations cannot say it
    lifecycle    how a run of pyinfra begins, is followed, is interrupted and ends
    session      the servers of a run: connections, what they are like, and their leases
    survey       the whole inventory and all hosts, looked at once; the plan; refusals before any change
    transaction  all nodes of a cluster change, or none does
    steps        what deploy.py calls for each host, one after the other
"""

import sys

from floatip.hosts import collecting

# pyinfra has Python keep nothing that it compiles, for the sake of deploy.py: each run would compile this room anew.
sys.dont_write_bytecode = bool(sys.flags.dont_write_bytecode)
collecting.seldom()
