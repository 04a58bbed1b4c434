"""How a run of pyinfra begins, is followed, is interrupted and ends.

pyinfra_config  watching from before the connections are made
refusal         a run that does not begin
callbacks       when each step began and ended, and a stop between two, for a page that shows this run
interruption    a run that is asked to end by a signal
history         a run of pyinfra itself is written down like those of floatip
recording       what was proven is noted on this computer
"""
