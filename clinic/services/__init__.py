"""The writers of rows that two offices move."""
