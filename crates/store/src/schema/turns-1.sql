-- Runs are the inbox: a row is there before anything is acknowledged. Times are milliseconds since the epoch.
CREATE TABLE runs (
  seq         INTEGER PRIMARY KEY,      -- order of acceptance
  run_id      TEXT NOT NULL UNIQUE,
  session_key TEXT NOT NULL,
  agent_id    TEXT NOT NULL,
  session_id  TEXT,
  transcript  INTEGER,                  -- transcripts.id, also after the session was reset
  kind        TEXT NOT NULL,
  principal   TEXT NOT NULL,
  state       TEXT NOT NULL,
  accepted_at INTEGER NOT NULL,
  started_at  INTEGER,
  ended_at    INTEGER,
  text_sent   INTEGER NOT NULL DEFAULT 0,
  outcome     TEXT,
  request     TEXT NOT NULL
);
CREATE INDEX runs_open ON runs (session_key, seq) WHERE ended_at IS NULL;
CREATE INDEX runs_ended ON runs (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE steps (
  run    INTEGER NOT NULL REFERENCES runs (seq) ON DELETE CASCADE,
  n      INTEGER NOT NULL,
  tool   TEXT NOT NULL,
  class  TEXT NOT NULL,
  at     INTEGER NOT NULL,
  args   TEXT NOT NULL,
  result TEXT,                          -- NULL: begun; else done
  UNIQUE (run, n)
);

-- The sessions index. What lists filter and sort by stands apart from the entries, which are long.
CREATE TABLE sessions (
  id         INTEGER PRIMARY KEY,
  key        TEXT NOT NULL UNIQUE,
  agent_id   TEXT NOT NULL,
  session_id TEXT NOT NULL,
  updated_at INTEGER NOT NULL,
  label      TEXT,
  spawned_by TEXT,
  search     TEXT NOT NULL              -- lower case
);
CREATE INDEX sessions_updated ON sessions (updated_at DESC, key);
CREATE INDEX sessions_agent ON sessions (agent_id, updated_at DESC, key);
CREATE INDEX sessions_session_id ON sessions (session_id);
CREATE INDEX sessions_label ON sessions (label) WHERE label IS NOT NULL;
CREATE INDEX sessions_spawned_by ON sessions (spawned_by) WHERE spawned_by IS NOT NULL;
CREATE TABLE session_entries (
  id    INTEGER PRIMARY KEY REFERENCES sessions (id) ON DELETE CASCADE,
  entry TEXT NOT NULL                   -- the value in sessions.json
);
-- Agents whose sessions.json is behind; n changes with every change.
CREATE TABLE stale_indexes (
  agent_id TEXT PRIMARY KEY,
  n        INTEGER NOT NULL
) WITHOUT ROWID;

-- The journal: a row for each line of a transcript file, in the order of the file.
CREATE TABLE transcripts (
  id         INTEGER PRIMARY KEY,
  session_id TEXT UNIQUE,               -- NULL once it is archived or replaced
  agent_id   TEXT NOT NULL,
  file       TEXT NOT NULL,             -- name in the agent's folder
  indexed    INTEGER NOT NULL,          -- 0: a file of another program, not read yet
  generation INTEGER NOT NULL DEFAULT 0,
  bytes      INTEGER NOT NULL DEFAULT 0,-- length of the file with all lines
  last_seq   INTEGER NOT NULL DEFAULT 0,
  messages   INTEGER NOT NULL DEFAULT 0,
  leaf       TEXT
);
CREATE INDEX transcripts_loose ON transcripts (id) WHERE session_id IS NULL;
CREATE INDEX transcripts_foreign ON transcripts (id) WHERE indexed = 0;
CREATE TABLE entries (
  transcript  INTEGER NOT NULL REFERENCES transcripts (id),
  seq         INTEGER NOT NULL,         -- 0 is the header
  message_seq INTEGER,
  entry_id    TEXT NOT NULL,
  kind        INTEGER NOT NULL,
  offset      INTEGER NOT NULL,
  length      INTEGER NOT NULL,         -- without the line feed
  run         INTEGER,                  -- runs.seq
  PRIMARY KEY (transcript, seq)
) WITHOUT ROWID;
CREATE INDEX entries_id ON entries (transcript, entry_id);
CREATE INDEX entries_rare ON entries (transcript, kind, seq) WHERE kind <> 1;
-- Lines that are not in their files yet. Afterwards the file is the only copy.
CREATE TABLE pending (
  id         INTEGER PRIMARY KEY,
  transcript INTEGER NOT NULL REFERENCES transcripts (id),
  seq        INTEGER NOT NULL,
  line       TEXT NOT NULL,
  UNIQUE (transcript, seq)
);
-- Transcript files that are to get another name.
CREATE TABLE moves (
  id         INTEGER PRIMARY KEY,
  transcript INTEGER NOT NULL,
  agent_id   TEXT NOT NULL,
  source     TEXT NOT NULL,
  target     TEXT NOT NULL
);

CREATE TABLE idempotency (
  principal TEXT NOT NULL,
  scope     TEXT NOT NULL,
  key       TEXT NOT NULL,
  digest    BLOB NOT NULL,
  at        INTEGER NOT NULL,
  run_id    TEXT,                       -- either this
  result    TEXT,                       -- or that
  UNIQUE (principal, scope, key)
);
CREATE INDEX idempotency_at ON idempotency (at);

CREATE TABLE meta (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;
