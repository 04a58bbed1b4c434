"""For the eye: what is made of files, plans and runs.

highlight  keepalived.conf with colours
literals   an inventory with the same colours
icons      icons, drawn into the page
pictures   the cluster and a drill, as SVG
outlook    what a deploy would do, as the check page tells it
progress   a run as a table, step by step
outcome    what a run is called, how it stands, and what came of it
drills     failover tests that were asked for in the browser
comparison  failover tests side by side
cards      the start page: a card for each cluster
card_filter  which of them somebody wants to see
deletions  what was deleted there and can be had back
tabs       what stands above the pages of a cluster
history    what was done lately, from here
"""
