"""Real servers for the tests: found or made, started on free loopback ports, and gone when the tests are."""
