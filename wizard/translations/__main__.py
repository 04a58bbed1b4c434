"""Moved: `python -m floatip.language`."""

from floatip.language.__main__ import main

main()
