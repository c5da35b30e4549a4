-- What was accepted and then dropped or given up. Times are milliseconds since the epoch.
CREATE TABLE dead_letters (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  at          INTEGER NOT NULL,
  kind        TEXT NOT NULL,             -- interrupted, never-began, unreadable, not-ended, expired, displaced
  subject     TEXT NOT NULL,             -- the id of a run, or of work for a node
  reason      TEXT NOT NULL,
  session_key TEXT,
  node        TEXT,
  text        TEXT,                      -- the beginning of what was asked
  UNIQUE (kind, subject)
);
