-- Devices that may connect. Times are milliseconds since the epoch; lists are names with spaces between them.
CREATE TABLE devices (
  id           TEXT PRIMARY KEY,
  public_key   TEXT NOT NULL,           -- raw key, base64url
  about        TEXT NOT NULL,           -- what it says of itself, JSON
  roles        TEXT NOT NULL,
  scopes       TEXT NOT NULL,
  approved_via TEXT NOT NULL,
  created_at   INTEGER NOT NULL,
  approved_at  INTEGER NOT NULL,
  last_seen_at INTEGER
) WITHOUT ROWID;
-- The text itself, not a digest: the device gets the same one at every connect. It counts only
-- beside a signature of the device's key.
CREATE TABLE device_tokens (
  device     TEXT NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
  role       TEXT NOT NULL,
  token      TEXT NOT NULL,
  scopes     TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  rotated_at INTEGER,
  revoked_at INTEGER,
  PRIMARY KEY (device, role)
) WITHOUT ROWID;
-- Requests that wait for an operator: one a device at most.
CREATE TABLE device_requests (
  device     TEXT PRIMARY KEY,
  id         TEXT NOT NULL UNIQUE,
  public_key TEXT NOT NULL,
  about      TEXT NOT NULL,
  roles      TEXT NOT NULL,
  role       TEXT NOT NULL,
  scopes     TEXT NOT NULL,
  is_repair  INTEGER NOT NULL,
  at         INTEGER NOT NULL
) WITHOUT ROWID;
