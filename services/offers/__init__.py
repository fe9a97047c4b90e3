"""Offers: what one may apply to.

Owns campaigns (exactly one is active), programmes with their dates and requirements, and the searchable catalogue.
Publishes `campaign.activated`, `campaign.closed`, `programme.published`, `programme.changed`, `programme.withdrawn`.
Listens to nobody.
"""
