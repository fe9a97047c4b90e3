"""Work in the background: asked for, claimed, held on to, ended and swept in one way, whatever is made (ADR 90)."""
