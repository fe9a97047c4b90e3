"""Applications: what a person asks of a programme, piece by piece, up to the signed receipt of its submission.

Owns the applications. Publishes `application.*` (`services.contracts.events.applications`). Listens to the candidate's
card of accounts and to the published programmes and closed campaigns of offers, of which it keeps copies. Nothing here
calls another service.
"""
