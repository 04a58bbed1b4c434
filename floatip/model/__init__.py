"""What a cluster is, as values: nothing here knows a server, a framework or a process.

cluster    the model
fields     single values: text → canonical value
targets    what a health check looks at
rules      what must hold between values
parse      raw values → Cluster, or all problems
problems   what is wrong with an input: a code, a place, a sentence, a hint
messages   sentences that can be said in another language
inventory  inventory file ⇄ cluster
"""
