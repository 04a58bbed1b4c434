"""The catalogues of sentences, one a language: `make messages` brings them up to date with the sources.

A sentence is what `floatip.model.messages.say` or a template's `_` is called with. Nothing is guessed: what has no
translation stays empty in the `.po` until somebody writes one, and a test fails until then.
"""
