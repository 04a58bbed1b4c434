"""What becomes of somebody's keepalived.conf files: `python -m tests.corpus DIR` prints a table.

    cases   the files of a directory: pairs, as its file PAIRS says, and single ones with a made-up partner
    table   each of them adopted by the command line, and what came of it

The files themselves are nobody's to publish: they stay outside of the repository.
"""
