"""What the core says, in the language of whoever reads it: the command line and the deploy by this computer's settings,
the wizard by the browser's.

telling    a sentence in another language; which language is spoken
__main__   brings the catalogues up to date with the sources: `make messages`

One catalogue a language stands beside them, for floatip and the wizard alike. A sentence is what
`floatip.model.messages.say` or a template's `_` is called with. Nothing is guessed: what has no translation stays
empty in the `.po` until somebody writes one, and a test fails until then.
"""
