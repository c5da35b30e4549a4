-- Setup codes: the digest of the secret, never the secret. Used ones stay for a day, so that their maker hears of them.
CREATE TABLE device_setups (
  id          TEXT PRIMARY KEY,
  digest      BLOB NOT NULL UNIQUE,
  access      TEXT NOT NULL,
  issued_at   INTEGER NOT NULL,
  maker       TEXT,                      -- the device whose own token stood behind it
  device      TEXT,                      -- who used it
  device_name TEXT,
  used_at     INTEGER,
  delivered   INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
-- What was granted, refused and taken back. Refusals are bounded apart from decisions, so that guessing pushes none out.
CREATE TABLE audit (
  seq     INTEGER PRIMARY KEY AUTOINCREMENT,
  refusal INTEGER NOT NULL,
  at      INTEGER NOT NULL,
  event   TEXT NOT NULL,
  actor   TEXT NOT NULL,
  device  TEXT,
  detail  TEXT NOT NULL,                 -- JSON, texts by name
  count   INTEGER NOT NULL
);
CREATE INDEX audit_kept ON audit (refusal, seq);
