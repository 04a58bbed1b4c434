"""What the deploy needs to know of a host, read in one command.

host_state   the one pyinfra fact: release, packages, service, files, addresses, firewall
"""
