"""All calls of the public API, a module for each service; `all` names them together."""
