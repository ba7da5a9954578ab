"""The command line: a static table of commands, each loaded when it is used."""
