"""One added accept for VRRP in whatever firewall a host uses: values in, values out.

    model      what is asked for (flows), what answers it (accept rules), how it is done (steps)
    probe      the shell function that prints what a host has
    observe    that output, checked, as values: a host is not trusted
    walk       would this packet get through? one walk over chains, for nft and iptables alike
    match      three-valued comparison (yes, no, maybe) of a flow with what a rule asks for
    nft        rules of nft as JSON               nftables   its accept rules, /etc/nftables.conf
    ipt        rules as iptables -S prints them   iptables   its accept rules, rules.v4 and rules.v6
    ufw        ufw's own commands, or a block in before.rules where it does not know VRRP
    firewalld  rich rules in the zone of the interface
    boot       the rules that nothing else brings back, looked for whenever keepalived starts
    shell      files replaced whole and only if they are still what was seen; rules added once
    planning   all of it together: `plan` and `remove`

Several of them may be at work on one host (firewalld and a table of the operator's own): every one
that would drop the adverts gets the accept, and no other. Nothing is ever flushed, reloaded or
enabled, and no policy is changed: a rule that only accepts cannot lock anyone out, a killed script
leaves at worst an accept too few. `Plan.arm` and `Plan.disarm` guard it all the same.
"""

from floatip.firewall.model import FirewallError, Peer, Plan
from floatip.firewall.observe import Observed, observe
from floatip.firewall.planning import UNDO_UNIT, managers, plan, remove
from floatip.firewall.probe import PROBE

__all__ = ["PROBE", "UNDO_UNIT", "FirewallError", "Observed", "Peer", "Plan", "managers", "observe", "plan", "remove"]
