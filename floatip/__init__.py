"""floatip: one floating IP address for two or more Debian servers.

Rooms, from the ground up; each imports only from those above it (tests/unit/test_layers.py):

    model        what a cluster is: its settings and rules, and the inventory that describes it
    language     what floatip says, in the language of whoever reads it
    keepalived   keepalived's file and its clock: reading, writing, adopting, predicting
    server_side  what a run leaves on a server while it changes something: its lease, and the way back
    firewall     one accept rule in somebody else's firewall
    hosts        asking servers: what they are like, what their daemon says, what their networks hear
    change       from what is there to what is wanted: requirements, plan, summary
    runs         starting things on this computer, and what they say of themselves
    deploy       the steps that deploy.py calls (pyinfra)
    operate      a running cluster: status, handover, diagnosis, drill
    cli          the command line

Beside them, in `shipped`, links to what has its place at the top of the repository and is installed with the rest.
"""

__version__ = "0.2.0"
