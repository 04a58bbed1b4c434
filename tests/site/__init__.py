"""`make site`: the pages of docs/ as a site, English and Russian, that needs nothing from elsewhere to be read.

generated  the pages that are made of the code: commands, findings of the doctor, settings in Russian
russian    what the table of settings says in English alone
pages      the sources of each language, as Sphinx reads them
conf       Sphinx's configuration
finish     what the theme's pages lack
links      whatever a built page refers to
"""
