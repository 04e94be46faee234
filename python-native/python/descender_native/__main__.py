"""``python -m descender_native``: the command ``descender``."""

from .command import main

main()
