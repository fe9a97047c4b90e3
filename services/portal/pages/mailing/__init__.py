"""Pages of staff who look after mails."""
