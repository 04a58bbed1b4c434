"""floatip: one floating IP address for two or more Debian servers.

The core is values in, values out; the shells around it do the work.

core    words       sentences that can be said in another language
        problems    what is wrong with an input, in words
        cluster     the model
        fields      single values: text → canonical value
        targets     what a health check looks at
        settings    every setting of an inventory, once: the table that the others are derived from
        settings    every setting of an inventory, once: the table that the others are derived from
        rules       what must hold between them
        parse       raw values → Cluster, or all problems
        inventory   inventory file ⇄ cluster
        render      cluster → the files on a server
        paths       where those files stand
        atomic      writing a file on this computer in one step
        shell       the few shell functions that every script for a server is made of
        timing      how long things take, as the settings predict
        foresight   what happens if: who has the address after each event, and when
        adopt       keepalived.conf of anybody's making → the raw values of an inventory
        conf        anybody's keepalived.conf: its grammar, what it means, and edits of it
        plan        how a change reaches the nodes without a client noticing
        host_state  what one script finds out about a host
        heard       who speaks VRRP in a network, who answers for an address
        neighbours  all who answer for an address, with their hardware addresses
        vitals      what the daemon of one host says of itself
        status      who holds each address now, and why that is not well
        reach       why a server cannot be reached, in words
        preflight   is each host what the inventory says
        firewall    which accept rule a host needs, and how to add it
        drill       does it really move: faults, what is written down, what came of it
        moves       an address that was moved on purpose
        intent      what a deploy would do on the hosts as they were found
        drift       where a server's file is not what the inventory says
        doctor      why it is not well: every cause that can be seen
        speeds      how fast: the choices, with what was measured
        events      what a run says of itself, for programs: typed, with codes
        actions     the same in words, step by step
shells  operations  scripts that change a host (pyinfra)
        deploys     the steps that deploy.py calls (pyinfra)
        pyinfra_run pyinfra as a child process
        lease       one run at a time on a server, wherever it was started
        local       what is kept on this computer: what was deployed, and so what runs
        children    our own programs as child processes
        detached    a command that outlives whoever started it
        background  deploys that do
        discover    looking at hosts, as a child process
        follow      asking hosts how they are again and again, as a child process
        rounds      what that child has to say, as values
        drilling    running a drill; drill_child does it
        care        handing an address over on purpose, a reboot
        show        a status in the terminal
        looking     what that child has to say, as values
        cli         the command line
"""
