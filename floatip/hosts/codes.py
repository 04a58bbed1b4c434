"""What a problem of a host is called, for programs."""

from __future__ import annotations

from enum import StrEnum


class Code(StrEnum):
    """What a problem of a host is."""

    NOT_ROOT = "not-root"  # the SSH user
    NO_APT = "no-apt"
    UNTESTED_SYSTEM = "untested-system"  # neither of the Debian releases that the tests run on
    UNTESTED_KEEPALIVED = "untested-keepalived"  # older than theirs
    NO_SYSTEMD = "no-systemd"
    FOREIGN_CONFIGURATION = "foreign-configuration"  # somebody else's keepalived.conf
    NO_SUCH_INTERFACE = "no-such-interface"
    ADDRESS_NOT_ON_INTERFACE = "address-not-on-interface"  # the server's own
    INTERFACE_DOWN = "interface-down"
    UNKNOWN_SETTING = "unknown-setting"  # to the keepalived that runs there, or would be installed
    NO_ROOM = "no-room"  # in a file system that a deploy writes to
    READ_ONLY = "read-only"  # a file system that a deploy writes to
    NO_SUCH_USER = "no-such-user"  # that shall run a script
    NO_SUCH_PROGRAM = "no-such-program"
    UNSAFE_PROGRAM = "unsafe-program"  # root shall run it, and others can change it
    IN_THE_WAY = "in-the-way"  # a directory where keepalived writes its state
    OTHER_CLUSTER = "other-cluster"  # whose keepalived.conf, made by floatip, it runs
    BINDS_ADDRESS = "binds-address"  # a service, which cannot where the address is not
    LOSES_ADDRESS = "loses-address"  # when systemd-networkd configures the interface anew
    NETWORK_MANAGER = "network-manager"  # configures the interface
