"""Field history of appointments is written once. No setting switches this off."""

from django.db import migrations

FORWARD = """
CREATE TRIGGER scheduling_appointmentchange_rows BEFORE UPDATE OR DELETE ON scheduling_appointmentchange
    FOR EACH ROW EXECUTE FUNCTION clinic_append_only();
CREATE TRIGGER scheduling_appointmentchange_truncate BEFORE TRUNCATE ON scheduling_appointmentchange
    FOR EACH STATEMENT EXECUTE FUNCTION clinic_append_only();
"""
BACK = """
DROP TRIGGER scheduling_appointmentchange_rows ON scheduling_appointmentchange;
DROP TRIGGER scheduling_appointmentchange_truncate ON scheduling_appointmentchange;
"""


class Migration(migrations.Migration):
    dependencies = [("scheduling", "0002_changes"), ("clinic", "0002_append_only")]
    operations = [migrations.RunSQL(FORWARD, BACK)]
