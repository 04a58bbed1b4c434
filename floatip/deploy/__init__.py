"""The deploy, step by step, as deploy.py calls it; the only place that knows both pyinfra and the core.

survey       the whole inventory and all hosts, looked at once; the plan; refusals before any change
given        what the run is given besides the inventory: --data, group_data
reading      what the hosts are like
departures   members that were taken out of the inventory: who leaves, and how
outsider     a connection to a server that is not in the inventory
forgetting   a member that is gone for good
remarks      what is said of servers, of the plan and of what is wrong, to people and to programs
refusing     a run that does not begin
outdated     whether a plan still holds when the run begins
early        watching from before the connections are made
alone        one run at a time: the leases, and steps that need them
ending       a run that is asked to end by a signal
keeping      what each server keeps of a change until it is proven, and what is done when one falls silent
silence      a connection that is dead: noticed soon, and made anew, once
transaction  all nodes of a cluster change, or none does
noting       what was proven is noted on this computer
watched      when each step began and ended, and a stop between two, for a page that shows this run
bounded      what a server prints, as far as it makes sense
asking       what a script of ours prints on a host, or why it does not
remote       running a script on any host of the cluster from within an operation
dismissal    a member leaves the cluster before anything else is done
install      packages, and the record of what was there before
packages     waiting for whoever else works on packages
log          the daemon's own log file and its rotation
firewall     one added accept for VRRP
keepalived   the configuration: tested on every host, then made live in the plan's order, or rolled back
answering    who answers for an address: before it is taken, and when it is held
checks       new health checks tried once; and what the daemons make of all
proof        exactly one holder for each address
removal      everything away again
"""
