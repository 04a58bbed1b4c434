"""keepalived's file and its clock.

conf      reading anybody's keepalived.conf, and exchanging parts of it
render    cluster → the files on a server
adopt     anybody's keepalived.conf → the raw values of an inventory
timing    how long things take, as the settings predict (RFC 9568 section 6)
speeds    how fast a failover should be: the choices, with what was measured
forecast  what happens if: who has the address after each event, and when
"""
