-- Who may not be compared until when, after too many wrong secrets. Written whole, at most once a second.
CREATE TABLE lockouts (
  bucket TEXT PRIMARY KEY,              -- an address, or the name of a bucket that many share
  until  INTEGER NOT NULL
) WITHOUT ROWID;
