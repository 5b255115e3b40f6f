"""Understanding a request: words to filters, clauses and negations. Pure, but for what it asks of the catalogue."""
