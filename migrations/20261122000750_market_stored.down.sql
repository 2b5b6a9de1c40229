drop function market.stored(timestamptz);
