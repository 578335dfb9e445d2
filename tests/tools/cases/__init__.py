"""The rules of each check script, and what breaks them."""
