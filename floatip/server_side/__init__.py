"""What a run leaves on a server while it changes something there.

shell    the shell functions that every script for a server is made of
lease    one run at a time: a lease under /run that the run renews
pending  a change that is not proven yet: how a server finds back to one configuration by itself
"""
