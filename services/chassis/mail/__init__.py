"""Mail transports: a Maildir, or an SMTP server."""
