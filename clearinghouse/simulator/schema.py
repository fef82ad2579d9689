"""Tables of the book. Money that is summed stands in cents."""

SCHEMA_VERSION = 1

SCHEMA = """
CREATE TABLE IF NOT EXISTS payer (payer_id TEXT PRIMARY KEY, data TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS plan (payer_id TEXT, plan_id TEXT, data TEXT NOT NULL, PRIMARY KEY (payer_id, plan_id));
CREATE TABLE IF NOT EXISTS member (
    id INTEGER PRIMARY KEY, payer_id TEXT NOT NULL, member_id TEXT NOT NULL, last_name TEXT NOT NULL,
    first_name TEXT NOT NULL, birth_date TEXT NOT NULL, data TEXT NOT NULL, ended_known_on TEXT);
CREATE INDEX IF NOT EXISTS member_by_id ON member (payer_id, member_id);
CREATE INDEX IF NOT EXISTS member_by_name ON member (payer_id, last_name, birth_date);
CREATE TABLE IF NOT EXISTS fee (payer_id TEXT, code TEXT, data TEXT NOT NULL, PRIMARY KEY (payer_id, code));
CREATE TABLE IF NOT EXISTS authorization (
    payer_id TEXT, number TEXT, data TEXT NOT NULL, PRIMARY KEY (payer_id, number));
CREATE TABLE IF NOT EXISTS rule (
    payer_id TEXT, kind TEXT, code TEXT, value TEXT, data TEXT NOT NULL, PRIMARY KEY (payer_id, kind, code, value));

CREATE TABLE IF NOT EXISTS trader (sender TEXT PRIMARY KEY, data TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS counter (name TEXT PRIMARY KEY, last INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS received (
    id INTEGER PRIMARY KEY, trader TEXT NOT NULL, control_number TEXT NOT NULL, name TEXT NOT NULL,
    payload BLOB NOT NULL, received_at TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS received_by_number ON received (trader, control_number);
CREATE TABLE IF NOT EXISTS mailbox (
    id INTEGER PRIMARY KEY, trader TEXT NOT NULL, name TEXT NOT NULL UNIQUE, payload BLOB NOT NULL,
    due_at TEXT NOT NULL, acknowledged INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS mailbox_waiting ON mailbox (trader, acknowledged, due_at);

CREATE TABLE IF NOT EXISTS claim (
    id INTEGER PRIMARY KEY, payer_id TEXT NOT NULL, payer_claim_number TEXT NOT NULL UNIQUE, trader TEXT NOT NULL,
    payee_npi TEXT NOT NULL, file_id INTEGER NOT NULL, place INTEGER NOT NULL, control_number TEXT NOT NULL,
    frequency TEXT NOT NULL, replaces INTEGER, member INTEGER, received_on TEXT NOT NULL, pay_on TEXT NOT NULL,
    status TEXT NOT NULL, forwarded_from INTEGER, paid_on TEXT, payment TEXT);
CREATE INDEX IF NOT EXISTS claim_due ON claim (status, pay_on);
CREATE INDEX IF NOT EXISTS claim_lineage ON claim (payer_id, control_number);
CREATE TABLE IF NOT EXISTS claim_line (
    claim INTEGER NOT NULL REFERENCES claim (id), number INTEGER NOT NULL, member INTEGER, service_on TEXT NOT NULL,
    code TEXT NOT NULL, modifiers TEXT NOT NULL, units INTEGER NOT NULL, is_denied INTEGER NOT NULL,
    deductible INTEGER NOT NULL DEFAULT 0, share INTEGER NOT NULL DEFAULT 0, authorization TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (claim, number));
CREATE INDEX IF NOT EXISTS claim_line_member ON claim_line (member, service_on);
CREATE TABLE IF NOT EXISTS takeback (
    id INTEGER PRIMARY KEY, payer_id TEXT NOT NULL, trader TEXT NOT NULL, payee_npi TEXT NOT NULL,
    reference TEXT NOT NULL, left_cents INTEGER NOT NULL, known_on TEXT NOT NULL, kind TEXT NOT NULL);
"""
