"""Field history is written once, like the facts of 0002. No setting switches this off."""

from django.db import migrations

TABLES = ("clinic_patientchange", "clinic_coveragechange", "clinic_claimchange", "clinic_feechange")


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
    dependencies = [("clinic", "0004_changes")]
    operations = [migrations.RunSQL("".join(guard(t) for t in TABLES), "".join(unguard(t) for t in TABLES))]
