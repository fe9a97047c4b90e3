"""Applications in the store, and the copies of what other services know: candidates' cards, published programmes."""
