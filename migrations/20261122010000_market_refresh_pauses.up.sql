-- What is asked for in vain is asked for less and less often, so that those for whom something comes get their
-- turn; and why nothing came stands beside it, also where nobody could be asked.
alter table market.refreshes
    -- Times in a row that nothing came.
    add column misses integer not null default 0
        constraint refreshes_misses_check check (misses >= 0),
    -- Not before then; at once where it is null.
    add column next_at timestamptz,
    add column reason text;
