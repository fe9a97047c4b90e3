"""How a command becomes an event that is told and applied once."""
