"""The reference pages, and what generates them."""
