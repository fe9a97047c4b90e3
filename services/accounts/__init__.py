"""Accounts: who a person is for one campaign.

Owns accounts with their profile, sessions and the keys that access tokens are signed with. Publishes `account.registered`,
`account.validated`, `account.expired`, `profile.completed`, and internally the mailer's directory, one-time links and the
candidate's card. Listens to `campaign.activated` and `campaign.closed`.
"""
