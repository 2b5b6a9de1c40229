-- The end of an import queues the building of what was marked while it was booked or taken back: its many
-- parts need not.
create or replace function portfolio.mark_dirty(of_user uuid, of_portfolio uuid, from_day date) returns void
language plpgsql as $$
begin
    insert into portfolio.snapshot_states as s (user_id, portfolio_id, dirty_from)
    values (of_user, of_portfolio, from_day)
    on conflict (user_id, portfolio_id) do update
        set dirty_from = least(s.dirty_from, excluded.dirty_from);
    -- Held until this commits, so that the end comes after it and sees the mark. Where somebody else is
    -- about to end a part, which may be the last, the job is queued, and it waits instead.
    perform i.id from portfolio.imports i
    where i.user_id = of_user and i.portfolio_id = of_portfolio and i.status in ('running', 'undoing')
    limit 1
    for share skip locked;
    if found then
        return;
    end if;
    perform platform.enqueue_job('portfolio.build_snapshots',
        jsonb_build_object('user_id', of_user, 'portfolio_id', of_portfolio), of_portfolio::text, 8);
end
$$;
