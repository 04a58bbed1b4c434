"""From what is there to what is wanted; values in, values out.

requirements   what a deploy would do on the hosts as they were found
plan           how a change reaches the servers without a client noticing
summary        the same in words, step by step
landmarks      the steps that others wait for
nonlocal_bind  services may bind a floating address that another server holds
networkd       systemd-networkd leaves the floating address alone
shipping       files beside the inventory that stand on the servers
pins           an address that was moved on purpose
origin         who deployed what, as each server remembers it
members        what each server remembers of the others
ownership      servers that carry another cluster's configuration
differences    where a server's file is not what the inventory says
"""
