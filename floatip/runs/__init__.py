"""Starting things on this computer, and what they say of themselves.

pyinfra_run  pyinfra as a child process; program: what that runs; pyinfra_words: its own words in another language
detached     a command that outlives whoever started it
jobs         deploys that do
recorded     what is begun in a terminal, written down like those
results      how a run stands, and what came of it
events       what a run says of itself, for programs: typed, with codes
lock         holding the leases of all servers of a run
storage      where things are kept on this computer, and what its terminal can show
deployed     what the last proven deploy put on which servers
"""
