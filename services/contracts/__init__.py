"""All that one service may know of another: refusals, events and the shapes of the public API."""
