"""What accounts keeps, on the Store port: accounts are aggregates, the rest are plain documents."""
