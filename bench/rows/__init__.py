"""The rows that bench/run prints."""
