"""ENTs: CAS or OpenID Connect, or none."""
