"""All nodes of a cluster change, or none does.

transaction      the steps of a plan, and the way back from any of them
pending_changes  what each server keeps of a change until it is proven, and what is done when one falls silent
"""
