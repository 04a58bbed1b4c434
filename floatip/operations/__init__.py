"""Operations of our own, where pyinfra's cannot say it: one shell script each.

hosts        packages, files, services: planned from `HostState`, without asking the host again
keepalived   stage and test a configuration, make it live, take it back
"""
