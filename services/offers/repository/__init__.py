"""What offers keeps in the store: campaigns, programmes, deadlines, the institution's parameters.

No finder takes an actor: what offers keeps is public, and who may write it is decided before a use case is called.
"""
