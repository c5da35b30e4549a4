-- The name that an operator gave a device.
ALTER TABLE devices ADD COLUMN label TEXT;
