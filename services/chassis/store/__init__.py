"""Stores: documents of one service, in a sqlite file or on a MongoDB protocol server."""
