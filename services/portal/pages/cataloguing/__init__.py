"""Pages of staff who keep the catalogue and what the institution sets."""
