"""Operations of our own, where pyinfra's cannot say it: one shell script each.

naming       the names of steps, in the language of whoever watches
hosts        files and services: planned from `HostState`, without asking the host again
packages     what is installed, what was there before, and who has the packages just now
pending      what a server keeps of a change, and watches by itself (watch.pl)
keepalived   stage and test a configuration, make it live, take it back
"""
