-- Who has left what waits for a node, so that it ends with the right to leave it.
ALTER TABLE node_work ADD COLUMN asker TEXT;    -- NULL: several have, or nobody knows
ALTER TABLE node_actions ADD COLUMN asker TEXT;
