"""Guards in plain SQL: facts, audit rows and status changes are written once. No setting switches them off."""

from django.db import migrations

TABLES = ("clinic_event", "clinic_auditevent", "clinic_auditseal", "clinic_statuschange")

FUNCTION = """
CREATE FUNCTION clinic_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = '23514';
END $$;
"""


def guard(table: str) -> str:
    return f"""
CREATE TRIGGER {table}_rows BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION clinic_append_only();
CREATE TRIGGER {table}_truncate BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION clinic_append_only();
"""


def unguard(table: str) -> str:
    return f"DROP TRIGGER {table}_rows ON {table}; DROP TRIGGER {table}_truncate ON {table};"


class Migration(migrations.Migration):
    dependencies = [("clinic", "0001_initial")]
    operations = [
        migrations.RunSQL(
            FUNCTION + "".join(guard(t) for t in TABLES),
            "".join(unguard(t) for t in TABLES) + "DROP FUNCTION clinic_append_only();",
        )
    ]
