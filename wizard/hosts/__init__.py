"""What the servers said, asked by child processes the way a deploy would ask; read with suspicion.

discovery   what they are like, and what they hear in their networks
background  what takes longer than a page may
looks       what the servers of a saved cluster are like at this moment
deployed    what the servers of a draft run
fleet       what the servers of all saved clusters run
monitors    how each cluster is, looked at in the background
host_keys   keys that nobody has confirmed yet
ssh_config  what the person's own ssh would do for a host
practice    the lab's hosts, where they are up
"""
