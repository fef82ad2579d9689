"""The journal's guards in plain SQL: balanced, written at once, and never changed. No setting switches them off."""

from django.db import migrations

STAMP = """
CREATE FUNCTION ledger_stamp_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.txid := txid_current();
    RETURN NEW;
END $$;
CREATE TRIGGER ledger_journalentry_stamp BEFORE INSERT ON ledger_journalentry
    FOR EACH ROW EXECUTE FUNCTION ledger_stamp_entry();
"""

# Postings come in one statement, in the transaction that made their entry. `txid` and not `xmin`: a savepoint has
# an xmin of its own.
AT_ONCE = """
CREATE FUNCTION ledger_postings_at_once() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    late bigint;
BEGIN
    SELECT e.id INTO late
    FROM (SELECT entry_id, count(*) AS arriving FROM arrived GROUP BY entry_id) a
    JOIN ledger_journalentry e ON e.id = a.entry_id
    WHERE e.txid <> txid_current()
       OR a.arriving <> (SELECT count(*) FROM ledger_posting p WHERE p.entry_id = e.id)
    LIMIT 1;
    IF late IS NOT NULL THEN
        RAISE EXCEPTION 'journal entry % is complete: no posting may be added to it', late USING ERRCODE = '23514';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_posting_at_once AFTER INSERT ON ledger_posting
    REFERENCING NEW TABLE AS arrived
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_postings_at_once();
"""

BALANCED = """
CREATE FUNCTION ledger_entry_balances() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    legs integer;
    debits numeric;
    credits numeric;
BEGIN
    SELECT count(*), coalesce(sum(debit), 0), coalesce(sum(credit), 0) INTO legs, debits, credits
    FROM ledger_posting WHERE entry_id = NEW.id;
    IF legs < 2 THEN
        RAISE EXCEPTION 'journal entry % has % postings: at least two are needed', NEW.id, legs
            USING ERRCODE = '23514';
    END IF;
    IF debits <> credits THEN
        RAISE EXCEPTION 'journal entry % does not balance: debits %, credits %', NEW.id, debits, credits
            USING ERRCODE = '23514';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER ledger_entry_balanced AFTER INSERT ON ledger_journalentry
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION ledger_entry_balances();
"""

NEVER = """
CREATE FUNCTION ledger_never_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused, reverse the entry instead', TG_TABLE_NAME, TG_OP
        USING ERRCODE = '23514';
END $$;
"""


def never(table: str) -> str:
    return f"""
CREATE TRIGGER {table}_rows BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION ledger_never_changes();
CREATE TRIGGER {table}_truncate BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_never_changes();
"""


TABLES = ("ledger_journalentry", "ledger_posting", "ledger_allocation")

UNDO = (
    "".join(f"DROP TRIGGER {t}_rows ON {t}; DROP TRIGGER {t}_truncate ON {t};" for t in TABLES)
    + """
DROP TRIGGER ledger_entry_balanced ON ledger_journalentry;
DROP TRIGGER ledger_posting_at_once ON ledger_posting;
DROP TRIGGER ledger_journalentry_stamp ON ledger_journalentry;
DROP FUNCTION ledger_never_changes();
DROP FUNCTION ledger_entry_balances();
DROP FUNCTION ledger_postings_at_once();
DROP FUNCTION ledger_stamp_entry();
"""
)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]
    operations = [migrations.RunSQL(STAMP + AT_ONCE + BALANCED + NEVER + "".join(never(t) for t in TABLES), UNDO)]
