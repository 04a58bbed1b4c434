"""The whole inventory and all hosts, looked at once; the plan; refusals before any change.

run            all clusters of a run, surveyed once for all of its hosts
cluster        one of them: its parse, its servers, who leaves, and the plan
result         what that has come to, of one cluster
run_options    what the run is given besides the inventory: --data, group_data
departures     members that were taken out of the inventory: who leaves
departure_plan who takes over from them, and whether that still holds
forgetting     a member that is gone for good
answering      who answers for an address: before it is taken, and when it is held
outdated       whether a plan still holds when the run begins
notices        what is said of servers, of the plan and of what is wrong, to people and to programs
"""
