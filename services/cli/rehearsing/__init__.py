"""A whole campaign on a suite of its own, by a clock that is moved: who plays, what they are owed, what is found."""
