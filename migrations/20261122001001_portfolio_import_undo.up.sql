-- A long import is taken back as it was booked: part by part, under one import that can be watched.
alter table portfolio.imports drop constraint imports_status_check;
alter table portfolio.imports add constraint imports_status_check
    check (status in ('preview', 'running', 'interrupted', 'imported', 'undoing', 'undo_interrupted', 'undone'));
alter table portfolio.imports
    -- How many transactions there were to take back, and how many are; empty for what is taken back at once.
    add column undo_total bigint,
    add column undone_count bigint not null default 0,
    -- When whoever books it or takes it back was last heard of.
    add column heard_at timestamptz not null default now(),
    add constraint imports_undo_check
        check (status not in ('undoing', 'undo_interrupted') or undo_total is not null);
create index imports_busy_idx on portfolio.imports (user_id, portfolio_id)
    where status in ('running', 'undoing');

-- While a long import is booked or taken back, nobody builds snapshots of its portfolio. Once it rests,
-- however it came to, they are built of everything that changed meanwhile, also in linked portfolios.
create function portfolio.build_what_waited() returns trigger language plpgsql as $$
begin
    perform platform.enqueue_job('portfolio.build_snapshots',
        jsonb_build_object('user_id', s.user_id, 'portfolio_id', s.portfolio_id), s.portfolio_id::text, 8)
    from portfolio.snapshot_states s
    where s.user_id = new.user_id and s.dirty_from is not null;
    return null;
end
$$;
create trigger imports_at_rest after update of status on portfolio.imports
    for each row when (
        old.status in ('running', 'undoing') and new.status not in ('running', 'undoing')
    )
    execute function portfolio.build_what_waited();
