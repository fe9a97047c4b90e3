"""What campaigns and programmes are, and the rules that they keep; no I/O, no clock, no ids."""
