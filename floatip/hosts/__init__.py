"""Asking servers. What they say is as untrusted as what a person types: bounded, and read strictly.

connection      a script on any host of a run, by pyinfra's connection
found_once      what pyinfra would find out again and again
undelayed       its packets are sent at once
bounded         what a server prints, as far as it makes sense
asking          what a script of ours prints on a host, or why it does not
ssh_errors      why a server cannot be reached, in words
host_state      what a host is like; host_script finds it out, host_answer reads what that prints
binding         services that bind an address, and whether the kernel lets them
daemon          what keepalived says of itself; daemon_script has it say so
programs        what keepalived shall run there, and as whom
surroundings    what else a diagnosis wants to know: journal, disks, who answers for an address
network_scan    who speaks VRRP in a network; network_script listens there
kernel_routes   the routes and rules that its kernel has
interface_managers  who else configures the interfaces of a server
neighbours      all who answer for an address, with their hardware addresses
preflight       is each host what the inventory says; advice, what a deploy does not stop for; codes, of both
systems         what a server is, whatever the inventory says; members, what a member of an instance needs on it
patched         what such a process of ours begins with; collecting, how seldom it looks for garbage
workers         our own programs as child processes
worker_answers  what they print, read into values
probe           looking at servers once; probe_worker is the child process that does it
monitor         looking again and again; monitor_worker does it
following       following servers at their own pace; follow_worker does it
distinct        servers of several clusters, for one request
"""
