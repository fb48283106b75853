"""Dated, sourced constants and legal rules: the numbers and lists that would otherwise be literals in code."""
