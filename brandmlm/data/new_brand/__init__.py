"""What a new brand begins with: products and adjectives found in its rows, and its files made from the template."""
