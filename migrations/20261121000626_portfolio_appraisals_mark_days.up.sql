-- A stated value changes the snapshots of whoever holds the thing, from its day on.
create function portfolio.mark_appraised_days() returns trigger language plpgsql as $$
declare
    one record;
begin
    for one in
        select held.user_id, held.portfolio_id, min(c.date) as day
        from changed c
        join lateral (
            select t.user_id, t.portfolio_id
            from portfolio.transactions t
            where t.user_id = c.user_id and t.instrument_id = c.instrument_id
            union
            select t.user_id, t.portfolio_id
            from portfolio.transactions t
            where t.user_id = c.user_id and t.target_instrument_id = c.instrument_id
        ) held on true
        group by held.user_id, held.portfolio_id
        order by held.user_id, held.portfolio_id
    loop
        perform portfolio.mark_dirty(one.user_id, one.portfolio_id, one.day);
    end loop;
    return null;
end
$$;
create trigger appraisals_mark_inserted after insert on portfolio.appraisals
    referencing new table as changed
    for each statement execute function portfolio.mark_appraised_days();
create trigger appraisals_mark_updated after update on portfolio.appraisals
    referencing new table as changed
    for each statement execute function portfolio.mark_appraised_days();
create trigger appraisals_mark_former after update on portfolio.appraisals
    referencing old table as changed
    for each statement execute function portfolio.mark_appraised_days();
create trigger appraisals_mark_deleted after delete on portfolio.appraisals
    referencing old table as changed
    for each statement execute function portfolio.mark_appraised_days();

-- What came by a spin-off or a merger is held as well.
create or replace function portfolio.bump_revision_of_holders() returns trigger language plpgsql as $$
begin
    update portfolio.portfolios p
    set revision = revision + 1
    from (select t.user_id, t.portfolio_id
          from changed c
          join portfolio.transactions t
            on t.user_id = c.user_id and t.instrument_id = c.instrument_id
          union
          select t.user_id, t.portfolio_id
          from changed c
          join portfolio.transactions t
            on t.user_id = c.user_id and t.target_instrument_id = c.instrument_id) held
    where p.user_id = held.user_id and p.id = held.portfolio_id;
    return null;
end
$$;

-- Snapshots knew costs alone until now. The owner of the tables is bound by their policies too.
alter table portfolio.snapshot_states no force row level security;
alter table portfolio.transactions no force row level security;
update portfolio.snapshot_states s
set dirty_from = date '0001-01-01'
where exists (
    select from portfolio.transactions t
    join market.instruments i on i.id in (t.instrument_id, t.target_instrument_id) and i.is_private
    where t.user_id = s.user_id and t.portfolio_id = s.portfolio_id
);
alter table portfolio.transactions force row level security;
alter table portfolio.snapshot_states force row level security;
