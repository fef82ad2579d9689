"""PostgreSQL through Django, on the embedded cluster when DATABASE_URL names no other."""
