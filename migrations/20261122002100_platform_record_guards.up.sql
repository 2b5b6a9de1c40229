-- A link whose content is gone proves its row no more: only where an account is closed may it be.
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
        -- Closing an account changes every row that holds words, so that its last link holds none and
        -- keeps its content.
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
                or (l.operation <> 'delete'
                    and (l.content is null or platform.differs(l.content::jsonb, to_jsonb(t))))
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
           case when e.content_before is not null and v.version is null then 'missing' else 'changed' end
    from (
        select l.*, lag(l.content) over rows_of as content_before
        from platform.chain_entries l
        where l.user_id = owner and l.chain = 'ledger' and l.table_name = 'portfolio.transactions'
        window rows_of as (partition by l.row_id order by l.seq)
    ) e
    left join portfolio.transaction_versions v
        on v.user_id = owner and v.transaction_id = e.row_id::uuid
        and v.version = (e.content_before::jsonb ->> 'version')::integer
    where e.operation in ('update', 'delete')
        and case
            when e.content_before is null then
                -- Words were forgotten with their person, and otherwise by nobody.
                not exists (select from identity.users u where u.id = owner and u.status = 'deleted')
            else
                -- With a portfolio its history goes.
                exists (
                    select from portfolio.portfolios p
                    where p.user_id = owner
                        and p.id = (e.content_before::jsonb ->> 'portfolio_id')::uuid
                )
                and (v.version is null
                     or platform.differs(
                         e.content_before::jsonb,
                         to_jsonb(jsonb_populate_record(null::portfolio.transactions, v.former))))
        end
    order by 1
$$;

-- The functions that remove traces ask whether the account is closed. They run as the owner of the
-- schema, who sees rows of people through policies alone.
create policy users_closing on identity.users for select to bursar_owner using (true);
create policy closed_accounts_closing on platform.closed_accounts for select to bursar_owner
    using (true);

create or replace function platform.erase_traces(person uuid) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    if not exists (select from identity.users u where u.id = person and u.status = 'deleted') then
        raise exception 'the traces of % stay: the account is not closed', person
            using errcode = 'insufficient_privilege';
    end if;
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
    if exists (select from identity.users u where u.id = person and u.status <> 'deleted')
        or not exists (select from platform.closed_accounts c where c.user_id = person) then
        raise exception 'the traces of % stay: the account is not closed', person
            using errcode = 'insufficient_privilege';
    end if;
    delete from platform.activity a where a.user_id = person;
    delete from platform.audit a where a.user_id = person;
    delete from platform.chain_entries e where e.user_id = person;
    delete from platform.chain_heads h where h.user_id = person;
end
$$;

-- That an account was purged stays known, so that a chain which an evidence pack vouches for is not
-- missed.
alter table platform.closed_accounts add column purged_at timestamptz;
drop index platform.closed_accounts_purge_idx;
create index closed_accounts_purge_idx on platform.closed_accounts (purge_after) where purged_at is null;
create or replace function platform.purge_person(person uuid) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    delete from identity.users u where u.id = person and u.status = 'deleted';
    perform platform.purge_traces(person);
end
$$;

-- Never written: which pages one browser saw one after the other is nobody's business.
alter table platform.analytics_events drop column session_id;
