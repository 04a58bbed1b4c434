"""The servers of a run: connections, what they are like, and their leases.

host_states     what the hosts are like
reconnecting    a connection that is dead: noticed soon, and made anew, once
outsider        a connection to a server that is not in the inventory
leasing         one run at a time: the leases, and steps that need them
lease_callback  the lease is taken before the first step of pyinfra that changes anything
"""
