"""The portal: the pages that people see in a browser.

A client of the public API like any other; it keeps no data and no business rule. Works without JavaScript.
"""
