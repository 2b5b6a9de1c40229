alter table platform.analytics_events add column session_id uuid;

create or replace function platform.purge_person(person uuid) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    delete from identity.users u where u.id = person and u.status = 'deleted';
    perform platform.purge_traces(person);
    delete from platform.closed_accounts c where c.user_id = person;
end
$$;
drop index platform.closed_accounts_purge_idx;
-- Whoever was purged is not remembered.
delete from platform.closed_accounts where purged_at is not null;
alter table platform.closed_accounts drop column purged_at;
create index closed_accounts_purge_idx on platform.closed_accounts (purge_after);

create or replace function platform.erase_traces(person uuid) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    update portfolio.transaction_versions v
    set former = v.former - array['note', 'account', 'external_id']
    where v.user_id = person;
    update platform.chain_entries e
    set content = null
    where e.user_id = person
        and (e.content::jsonb ->> 'note' is not null or e.content::jsonb ->> 'account' is not null
             or e.content::jsonb ->> 'external_id' is not null);
    update platform.audit a set former = null, later = null where a.user_id = person;
    delete from platform.activity a where a.user_id = person;
end
$$;
create or replace function platform.purge_traces(person uuid) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    delete from platform.activity a where a.user_id = person;
    delete from platform.audit a where a.user_id = person;
    delete from platform.chain_entries e where e.user_id = person;
    delete from platform.chain_heads h where h.user_id = person;
end
$$;
drop policy closed_accounts_closing on platform.closed_accounts;
drop policy users_closing on identity.users;

create or replace function platform.chain_differences(owner uuid, chain_name text)
returns table (seq bigint, table_name text, row_id text, difference text)
language plpgsql stable set search_path = pg_catalog, pg_temp
set timezone = 'UTC' set datestyle = 'ISO' set bytea_output = 'hex' set extra_float_digits = 1 as $$
declare
    target text;
begin
    for target in
        select t.table_name from platform.chained_tables t where t.chain = chain_name order by 1
    loop
        return query execute format($query$
            select coalesce(l.seq, 0), %2$L::text, coalesce(l.row_id, t.id::text),
                   case when l.row_id is null then 'unchained'
                        when l.operation = 'delete' then 'returned'
                        when t.id is null then 'missing'
                        else 'changed' end
            from (
                select distinct on (e.row_id) e.row_id, e.seq, e.operation, e.content
                from platform.chain_entries e
                where e.user_id = $1 and e.chain = $2 and e.table_name = %2$L
                order by e.row_id, e.seq desc
            ) l
            full join (select * from %1$s where user_id = $1) t on t.id::text = l.row_id
            where l.row_id is null
                or (l.operation = 'delete') = (t.id is not null)
                or (l.operation <> 'delete' and l.content is not null
                    and platform.differs(l.content::jsonb, to_jsonb(t)))
            order by 1, 3
        $query$, target::regclass, target) using owner, chain_name;
    end loop;
    if chain_name = 'ledger' then
        return query select d.* from portfolio.history_differences(owner) d;
    end if;
end
$$;

create or replace function portfolio.history_differences(owner uuid)
returns table (seq bigint, table_name text, row_id text, difference text)
language sql stable set search_path = pg_catalog, pg_temp set timezone = 'UTC' set datestyle = 'ISO'
set bytea_output = 'hex' set extra_float_digits = 1 as $$
    select e.seq, 'portfolio.transaction_versions', e.row_id,
           case when v.version is null then 'missing' else 'changed' end
    from (
        select l.*, lag(l.content) over rows_of as content_before
        from platform.chain_entries l
        where l.user_id = owner and l.chain = 'ledger' and l.table_name = 'portfolio.transactions'
        window rows_of as (partition by l.row_id order by l.seq)
    ) e
    left join portfolio.transaction_versions v
        on v.user_id = owner and v.transaction_id = e.row_id::uuid
        and v.version = (e.content_before::jsonb ->> 'version')::integer
    where e.operation in ('update', 'delete') and e.content_before is not null
        -- With a portfolio its history goes.
        and exists (
            select from portfolio.portfolios p
            where p.user_id = owner and p.id = (e.content_before::jsonb ->> 'portfolio_id')::uuid
        )
        and (v.version is null
             or platform.differs(
                 e.content_before::jsonb,
                 to_jsonb(jsonb_populate_record(null::portfolio.transactions, v.former))))
    order by 1
$$;
