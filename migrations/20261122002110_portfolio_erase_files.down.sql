drop trigger category_rules_audit on portfolio.category_rules;
revoke delete on portfolio.appraisal_versions from bursar_system;
create or replace function portfolio.erase_person(person uuid) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    update portfolio.transactions t
    set note = null, account = null, external_id = null
    where t.user_id = person and (t.note is not null or t.account is not null or t.external_id is not null);
    update portfolio.imports i
    set file_name = 'erased', content = null, mapping = null, rejected = '[]'
    where i.user_id = person;
    update portfolio.portfolios p
    set name = 'Portfolio ' || n.place || ' of ' || p.id
    from (select id, row_number() over (order by created_at, id) as place
          from portfolio.portfolios where user_id = person) n
    where p.user_id = person and p.id = n.id;
end
$$;
