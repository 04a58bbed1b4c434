"""A floating address for the hosts of an inventory: `pyinfra inventories/lab.py deploy.py`.

The steps are those that a person would take by hand. With `--data floatip_replace=true` a keepalived.conf
that somebody else wrote is replaced (and kept); with `--data floatip_remove=true` all is taken away again. With
`--data floatip_dismiss=NAME` a server that was taken out of the inventory hands over its addresses and is cleared.
"""

from floatip.deploy.steps import dismissal, firewall, install, keepalived, log, proof, removal, services
from floatip.deploy.survey import run_options
from floatip.deploy.survey.run import this_cluster
from floatip.runs import pyinfra_run, storage

storage.readable()
found = this_cluster()

if run_options.option(pyinfra_run.REMOVE):
    removal.remove(found)
else:
    dismissal.dismiss(found)
    install.packages(found)
    log.own_file(found)
    firewall.allow_vrrp(found)
    services.keep(found)
    services.bind(found)
    keepalived.configure(found)
    keepalived.activate(found)
    proof.prove(found)
    keepalived.tidy(found)
