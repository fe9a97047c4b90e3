"""Documents: what candidates upload, kept once it is known to be whole and clean, and given back to those who may read it.

Owns the bytes in the object store and one row per document. Publishes `documents.document.*`. Listens to applications, to
know which documents are attached and which are submitted, and to accounts, to erase what a person wants erased.
"""
