"""What can be done with applications: one function per verb. Load, ask the domain, save with what has happened."""
