"""The ENT of `development:`: made-up people, who come in by CAS or OpenID Connect without any password (ADR 52)."""
