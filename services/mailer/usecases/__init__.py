"""What the mailer does: writing, sending, keeping copies."""
