"""Adapters of the port for the mailbox of returned mails."""
