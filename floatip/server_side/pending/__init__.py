"""A change that is under way on the servers, and how it ends where nobody brings it to its end.

Each server keeps what it had and what it shall have, and watches the lease of the run. Where nobody renews that any
more, the servers are left to themselves: each listens to who speaks which identity, and joins them
(docs/decisions/pending.md).

    model    what a server knows, and what it decides; pure
    voices   how the masters of a keepalived.conf sound
    change   what a server keeps of a change: the text of that file, written and read

What a server does with it, watch.pl, is an operation of the deploy, and the twin of `model`.
"""
