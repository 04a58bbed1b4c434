"""The deploy, step by step, as deploy.py calls it; the only room that knows both pyinfra and the rest.

survey           the whole inventory and all hosts, looked at once; the plan; refusals before any change
survey_result    what that has come to, of one cluster
run_options      what the run is given besides the inventory: --data, group_data
host_states      what the hosts are like
departures       members that were taken out of the inventory: who leaves, and how
outsider         a connection to a server that is not in the inventory
forgetting       a member that is gone for good
notices          what is said of servers, of the plan and of what is wrong, to people and to programs
refusal          a run that does not begin
outdated         whether a plan still holds when the run begins
pyinfra_config   watching from before the connections are made
leasing          one run at a time: the leases, and steps that need them
interruption     a run that is asked to end by a signal
pending_changes  what each server keeps of a change until it is proven, and what is done when one falls silent
reconnecting     a connection that is dead: noticed soon, and made anew, once
transaction      all nodes of a cluster change, or none does
recording        what was proven is noted on this computer
callbacks        when each step began and ended, and a stop between two, for a page that shows this run
dismissal        a member leaves the cluster before anything else is done
install          packages, and the record of what was there before
packages         waiting for whoever else works on packages
log              the daemon's own log file and its rotation
firewall         one added accept for VRRP
keepalived       the configuration: tested on every host, then made live in the plan's order, or rolled back
answering        who answers for an address: before it is taken, and when it is held
checks           new health checks tried once; and what the daemons make of all
proof            exactly one holder for each address
removal          everything away again
operations       one shell script each, where pyinfra's own operations cannot say it
"""
