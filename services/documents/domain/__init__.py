"""What a document is, what an upload must be, and how long which bytes are kept."""
