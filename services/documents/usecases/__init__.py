"""What can be done with documents: take one in, let applications hold it, erase it."""
