"""Mailer: writes one mail per fact, in the person's language, hands it over once, and keeps it for the person to read.

Owns deliveries, and copies of the directory of addresses and of programmes' titles. Publishes `mail.sent`, `mail.failed`.
Listens to links issued, addresses changed, programmes, and what happens to applications.
"""
