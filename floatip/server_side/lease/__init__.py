"""One run at a time on a server, wherever it was started: a lease under /run that the run renews.

model    a lease as a value, and the sentences about it
scripts  what is done on the server: take, renew, give back, and a step that only the holder may take
"""
