"""`make audit`: scanners over the code and over a running wizard. They live in an environment of their own.

code    bandit, and semgrep with rules.yml (which fixtures/ puts to the test)
site    wapiti against a wizard on loopback, in a network namespace that leads nowhere else
"""
