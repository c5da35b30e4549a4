-- Nodes: what they may be asked for, what waits for them, what they were asked for.
-- Times are milliseconds since the epoch; surfaces and what a node says of itself are JSON.
CREATE TABLE nodes (
  id                   TEXT PRIMARY KEY,  -- that of the device
  about                TEXT NOT NULL,
  label                TEXT,
  approved             TEXT,              -- NULL: nothing was
  created_at           INTEGER,
  approved_at          INTEGER,
  token_digest         TEXT,
  last_connected_at    INTEGER,
  last_disconnected_at INTEGER,
  last_seen_at         INTEGER,
  last_seen_reason     TEXT
) WITHOUT ROWID;
-- Requests that wait for an operator: one a node at most.
CREATE TABLE node_requests (
  node      TEXT PRIMARY KEY REFERENCES nodes (id) ON DELETE CASCADE,
  id        TEXT NOT NULL UNIQUE,
  surface   TEXT NOT NULL,
  about     TEXT NOT NULL,
  silent    INTEGER NOT NULL,
  on_behalf INTEGER NOT NULL,
  at        INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE node_work (
  id         TEXT PRIMARY KEY,
  node       TEXT NOT NULL,
  kind       TEXT NOT NULL,
  priority   TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX node_work_node ON node_work (node);
-- Commands that wait until a node's screen is on, in the order in which they were left.
CREATE TABLE node_actions (
  seq     INTEGER PRIMARY KEY,
  id      TEXT NOT NULL UNIQUE,
  node    TEXT NOT NULL,
  command TEXT NOT NULL,
  params  TEXT,
  key     TEXT NOT NULL,
  at      INTEGER NOT NULL
);
CREATE INDEX node_actions_node ON node_actions (node, seq);
-- A row is there before a command is sent, so that no key sends one twice.
CREATE TABLE node_dispatches (
  principal TEXT NOT NULL,
  key       TEXT NOT NULL,
  digest    BLOB NOT NULL,
  node      TEXT NOT NULL,
  command   TEXT NOT NULL,
  at        INTEGER NOT NULL,
  answered  INTEGER NOT NULL DEFAULT 0,
  answer    TEXT,                         -- NULL though answered: too long to keep
  PRIMARY KEY (principal, key)
) WITHOUT ROWID;
CREATE INDEX node_dispatches_at ON node_dispatches (at);
