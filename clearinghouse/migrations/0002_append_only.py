"""A file stays as it travelled: no update, no delete, no truncate, for anybody. No setting switches this off."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION clearinghouse_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = '23514';
END $$;
CREATE TRIGGER clearinghouse_transmission_rows BEFORE UPDATE OR DELETE ON clearinghouse_transmission
    FOR EACH ROW EXECUTE FUNCTION clearinghouse_append_only();
CREATE TRIGGER clearinghouse_transmission_truncate BEFORE TRUNCATE ON clearinghouse_transmission
    FOR EACH STATEMENT EXECUTE FUNCTION clearinghouse_append_only();
"""
BACK = """
DROP TRIGGER clearinghouse_transmission_rows ON clearinghouse_transmission;
DROP TRIGGER clearinghouse_transmission_truncate ON clearinghouse_transmission;
DROP FUNCTION clearinghouse_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("clearinghouse", "0001_initial"), ("clinic", "0002_append_only")]
    operations = [migrations.RunSQL(FORWARD, BACK)]
