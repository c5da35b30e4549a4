-- Lists may be sorted by the last message that began a turn.
ALTER TABLE sessions ADD COLUMN interacted_at INTEGER NOT NULL DEFAULT 0;
UPDATE sessions SET interacted_at = coalesce((
  SELECT max(coalesce(json_extract(e.entry, '$.lastInteractionAt'), 0), coalesce(json_extract(e.entry, '$.startedAt'), 0))
  FROM session_entries e WHERE e.id = sessions.id), 0);
CREATE INDEX sessions_interacted ON sessions (interacted_at DESC, key);
