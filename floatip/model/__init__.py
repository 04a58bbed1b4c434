"""What a cluster is, as values: nothing here knows a server, a framework or a process.

cluster    the model; instance: a virtual router, who takes part in it and what floats; tracking: health checks and what
           they count for; notify: what runs when the state changes
settings   every setting once, as a row: how it is read, written, rendered, adopted, asked for
fields     single values: text → canonical value; address_fields: addresses and host names
targets    what a health check looks at; expected: what it expects there
rules      what must hold between values
parse      raw values → Cluster, or all problems
diffs      what changes in a text
problems   what is wrong with an input: a code, a place, a sentence, a hint
messages   sentences that can be said in another language; reasons: those of the system for a file
inventory  inventory file ⇄ cluster
paths      where files of ours and of keepalived stand
atomic     writing a file in one step
"""
