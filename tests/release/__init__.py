"""`make release`: what is put out of a tagged commit, once all of it agrees and works.

agreement  tag, file and CHANGELOG name one version
manual     the manual page, made of the command line itself
"""
