"""What services tell one another: the envelope, the catalogue of types, and one module of events per publisher."""
