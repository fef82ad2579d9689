"""docs/deployment.md takes UPDATE, DELETE and TRUNCATE from the application's role on exactly the guarded tables."""

import re
from pathlib import Path

import pytest
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.django_db
def test_two_role_recipe_names_every_append_only_table() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT DISTINCT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
            WHERE NOT t.tgisinternal AND pg_get_triggerdef(t.oid) LIKE '%%BEFORE TRUNCATE%%'
            """
        )
        guarded = {row[0] for row in cursor.fetchall()}

    recipe = re.search(
        r"REVOKE UPDATE, DELETE, TRUNCATE ON(.*?)FROM clinic_app", (ROOT / "docs/deployment.md").read_text(), re.S
    )

    assert recipe is not None
    assert {name.strip() for name in recipe[1].split(",")} == guarded
