"""Counter: human numbers (MRN, claim, receipt, control number), gap-free under a row lock."""

from django.db import connection, models


class Counter(models.Model):
    name = models.CharField(max_length=60, primary_key=True)
    last = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name}: {self.last}"


def next_number(name: str, *, first: int = 1) -> int:
    """The next number of that name. Holds the row until the transaction ends, so a rollback leaves no gap."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO clinic_counter (name, last) VALUES (%s, %s)"
            " ON CONFLICT (name) DO UPDATE SET last = clinic_counter.last + 1 RETURNING last",
            [name, first],
        )
        row = cursor.fetchone()
    return int(row[0])
