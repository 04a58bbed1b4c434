"""All nodes of a cluster change, or none does.

transaction      the steps of a plan, and the way back from any of them
nodes            the live files of the nodes, and how they are brought back
holders          who holds which address at this moment, and whether that is what a step waits for
pending_changes  what each server keeps of a change until it is proven, and what is done when one falls silent
"""
