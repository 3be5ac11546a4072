"""What the checker knows of English: classes of words, parts of speech and forms, clauses."""
