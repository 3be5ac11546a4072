"""Where rows come from: a client for each kind of source, and what their downloads share."""
