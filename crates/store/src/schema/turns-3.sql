-- Branches: an entry may follow an earlier one than the row before it, and what is not on the way from
-- the first entry to the last is aside.
ALTER TABLE entries ADD COLUMN parent INTEGER;                   -- seq; NULL: the row before
ALTER TABLE entries ADD COLUMN aside INTEGER NOT NULL DEFAULT 0; -- 1: on another branch; has no message_seq
CREATE INDEX entries_forks ON entries (transcript, seq, parent) WHERE parent IS NOT NULL;
CREATE INDEX entries_aside ON entries (transcript, seq) WHERE aside = 1;
