"""keepalived.conf in anybody's layout: what it means, and a text in which parts of it are exchanged.

syntax    the text as a tree of statements, and edits of it; tokens: what it consists of
reader    from the ones to the others, and which lines are odd
statement the words of one, its place, and how it is written again
defaults  what the daemon takes where the file does not say
addresses the options of a floating address
sources   a server's file with all that its meaning depends on: what it includes, and the server's name
preprocess the daemon's first pass: other files, definitions, lines for one server; sequence: the same line many times
meaning   settings with these defaults; comparing: whether two files mean the same; normalized: what both start from
unclear   lines of which nobody can tell here what the daemon makes of them
masking   what is shown of a file: nothing of its passwords
"""

from __future__ import annotations

from floatip.keepalived.conf.addresses import Options, folded, options, placed, telling
from floatip.keepalived.conf.comparing import compared, lines, same
from floatip.keepalived.conf.masking import masked, masked_apart
from floatip.keepalived.conf.meaning import Settings, family, floating, groups, instances, priority
from floatip.keepalived.conf.normalized import ADDRESSES
from floatip.keepalived.conf.preprocess import expand
from floatip.keepalived.conf.sources import Expanded, Gone, Included, Place, Source
from floatip.keepalived.conf.statement import Statement
from floatip.keepalived.conf.syntax import Tree, read
from floatip.keepalived.conf.tokens import tokens
from floatip.keepalived.conf.unclear import INSTANCE, unclear

__all__ = [
    "ADDRESSES",
    "INSTANCE",
    "Expanded",
    "Gone",
    "Included",
    "Options",
    "Place",
    "Settings",
    "Source",
    "Statement",
    "Tree",
    "compared",
    "expand",
    "family",
    "floating",
    "folded",
    "groups",
    "instances",
    "lines",
    "masked",
    "masked_apart",
    "options",
    "placed",
    "priority",
    "read",
    "same",
    "telling",
    "tokens",
    "unclear",
]
