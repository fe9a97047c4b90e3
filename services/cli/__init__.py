"""The command line: one module per family of commands, imported when asked for."""
