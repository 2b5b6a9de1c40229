create or replace function portfolio.bump_revision_of_holders() returns trigger language plpgsql as $$
begin
    update portfolio.portfolios p
    set revision = revision + 1
    from (select distinct t.user_id, t.portfolio_id
          from changed c
          join portfolio.transactions t
            on t.user_id = c.user_id and t.instrument_id = c.instrument_id) held
    where p.user_id = held.user_id and p.id = held.portfolio_id;
    return null;
end
$$;
drop trigger appraisals_mark_deleted on portfolio.appraisals;
drop trigger appraisals_mark_former on portfolio.appraisals;
drop trigger appraisals_mark_updated on portfolio.appraisals;
drop trigger appraisals_mark_inserted on portfolio.appraisals;
drop function portfolio.mark_appraised_days();
