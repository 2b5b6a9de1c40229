create or replace function portfolio.mark_dirty(of_user uuid, of_portfolio uuid, from_day date) returns void
language plpgsql as $$
begin
    insert into portfolio.snapshot_states as s (user_id, portfolio_id, dirty_from)
    values (of_user, of_portfolio, from_day)
    on conflict (user_id, portfolio_id) do update
        set dirty_from = least(s.dirty_from, excluded.dirty_from);
    perform platform.enqueue_job('portfolio.build_snapshots',
        jsonb_build_object('user_id', of_user, 'portfolio_id', of_portfolio), of_portfolio::text, 8);
end
$$;
