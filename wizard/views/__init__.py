"""Routes, nothing else.

start        the first page: a new cluster, drafts, what was done lately
keys         host keys that were never confirmed
adopt        an existing keepalived setup, imported
questions    one question a page, from the first to the last
check        everything at once, before anything is written
files        keepalived.conf of a server and the zip, before anything is saved
save         the inventory's name, the file
status       who holds what at this moment
maintenance  moving, rebooting, removing
cluster      a saved cluster as a whole: renamed, deleted, restored
diagnosis    why a cluster is not well
drill        failover tests
history      what was begun for a cluster on this computer
run          a run, watched
rendering    what several of them show: a question, with what is wrong, or in two versions
waiting      a page that waits for servers
drafts       the draft that an address names, and how what a form says gets into it
"""
