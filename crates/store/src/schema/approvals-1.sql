-- Requests that a person decides, and what became of them. Times are milliseconds since the epoch.
CREATE TABLE approvals (
  seq        INTEGER PRIMARY KEY,       -- order of asking
  id         TEXT NOT NULL UNIQUE,
  kind       TEXT NOT NULL,             -- exec, plugin, question
  request    TEXT NOT NULL,             -- as those who decide see it, JSON
  binding    BLOB,                      -- digest of what a yes is good for
  requester  TEXT NOT NULL,             -- JSON
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  ended_at   INTEGER,
  outcome    TEXT,                      -- JSON
  resolver   TEXT,                      -- JSON
  used_at    INTEGER                    -- when the yes was used
);
CREATE INDEX approvals_open ON approvals (seq) WHERE ended_at IS NULL;
CREATE INDEX approvals_ended ON approvals (ended_at, seq) WHERE ended_at IS NOT NULL;
