alter table portfolio.imports
    -- What the first records of a long file say, so that nobody who looks at it reads the file again.
    -- Not jsonb, which cannot hold every character that a file can.
    add column first_rows json,
    -- Lines that state nothing to record, and why: the first of them, and how many there are.
    add column skipped jsonb not null default '[]',
    add column skipped_count integer not null default 0;
