"""A running cluster.

running   what a file's servers run: what was deployed last, or what their own files say
status    who holds each address now, and why that is not well
fleet     many clusters at once, each in one line
handover  moving an address on purpose, and whether that would do harm
reboot    taking a server through a reboot
refusals  why something is not done to a cluster
renaming  a cluster under another name
doctor    why it is not well: every cause that can be seen
drill     does it really move: a fault, what is written down, what came of it
"""
