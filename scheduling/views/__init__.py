"""The calendar's pages: the day, booking, one appointment, hours."""
