"""What makes a process run: ports and their adapters, events kept once, HTTP, host. Not one word of admissions."""
