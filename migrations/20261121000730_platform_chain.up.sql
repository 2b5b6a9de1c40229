-- Tamper evidence: every row that enters, changes in or leaves a chained table adds a link to its
-- person's chain, and every link carries the hash of the one before. Who changes, removes or swaps
-- rows behind the program breaks the chain at the row.

-- The end of each chain; locking it makes the writers of one chain take turns.
create table platform.chain_heads (
    user_id uuid not null,
    chain text not null,
    length bigint not null default 0,
    hash bytea not null default decode(repeat('00', 32), 'hex'),
    constraint chain_heads_pkey primary key (user_id, chain)
);
create table platform.chain_entries (
    user_id uuid not null,
    chain text not null,
    seq bigint not null,
    table_name text not null,
    -- adopt: the row was there before the chain.
    operation text not null
        constraint chain_entries_operation_check check (operation in ('adopt', 'insert', 'update', 'delete')),
    row_id text not null,
    at timestamptz not null,
    content_hash bytea not null,
    hash bytea not null,
    -- The row as text, whose bytes are hashed; empty once its personal words are forgotten.
    content text,
    constraint chain_entries_pkey primary key (user_id, chain, seq)
);
create index chain_entries_row_idx on platform.chain_entries (user_id, chain, table_name, row_id, seq desc);
-- Which tables are chained, so that a dropped trigger does not hide a table.
create table platform.chained_tables (
    table_name text not null,
    chain text not null,
    constraint chained_tables_pkey primary key (table_name)
);
grant select on platform.chained_tables to bursar_system;

do $$
declare
    target text;
begin
    foreach target in array array['chain_heads', 'chain_entries'] loop
        execute format('create policy %s_owner on platform.%s to bursar_user
            using (user_id = platform.current_user_id()) with check (user_id = platform.current_user_id())',
            target, target);
        execute format('create policy %s_system on platform.%s to bursar_system using (true) with check (true)',
            target, target);
        execute format('create policy %s_writer on platform.%s to bursar_owner using (true) with check (true)',
            target, target);
        execute format('create trigger %s_refuse_truncate before truncate on platform.%s
            for each statement execute function platform.refuse_truncate()', target, target);
    end loop;
end
$$;
alter table platform.chain_heads enable row level security;
alter table platform.chain_heads force row level security;
alter table platform.chain_entries enable row level security;
alter table platform.chain_entries force row level security;
grant select on platform.chain_heads, platform.chain_entries to bursar_user, bursar_system;

-- The hash of a link: SHA-256 over the hash of the link before and the link, as lines of text.
create function platform.chain_step(state text, previous text, link text) returns text
language sql immutable parallel safe
return encode(sha256(convert_to(coalesce(state, previous) || E'\n' || link, 'UTF8')), 'hex');
-- As a window function it hashes any number of links in one pass.
create aggregate platform.chained(previous text, link text) (
    sfunc = platform.chain_step, stype = text
);

-- Adds rows, in the order of the arrays, to the chain of a person.
create function platform.extend_chain(
    owner uuid, chain_name text, of_table text, deed text, row_ids text[], contents text[]
) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    head platform.chain_heads;
begin
    insert into platform.chain_heads (user_id, chain) values (owner, chain_name) on conflict do nothing;
    select * into strict head from platform.chain_heads h
    where h.user_id = owner and h.chain = chain_name
    for update;
    insert into platform.chain_entries
        (user_id, chain, seq, table_name, operation, row_id, at, content_hash, content, hash)
    select owner, chain_name, link.seq, of_table, deed, link.row_id, now(),
           decode(link.content_hash, 'hex'), link.content,
           decode(platform.chained(
               encode(head.hash, 'hex'),
               concat_ws(E'\n', owner, chain_name, link.seq, of_table, deed, link.row_id,
                         to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                         link.content_hash)
           ) over (order by link.seq), 'hex')
    from (
        select head.length + added.place as seq, added.row_id, added.content,
               encode(sha256(convert_to(added.content, 'UTF8')), 'hex') as content_hash
        from unnest(row_ids, contents) with ordinality as added(row_id, content, place)
    ) link;
    update platform.chain_heads h
    set length = e.seq, hash = e.hash
    from platform.chain_entries e
    where h.user_id = owner and h.chain = chain_name
        and e.user_id = owner and e.chain = chain_name
        and e.seq = head.length + cardinality(row_ids);
end
$$;

-- Its argument: the name of the chain. After the statement, over all its rows at once.
create function platform.append_to_chain() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp set timezone = 'UTC' set datestyle = 'ISO'
set bytea_output = 'hex' set extra_float_digits = 1 as $$
begin
    perform platform.extend_chain(
        added.user_id, tg_argv[0], tg_table_schema || '.' || tg_table_name, lower(tg_op),
        added.row_ids, added.contents
    )
    from (
        select c.user_id, array_agg(c.id::text order by c.id) as row_ids,
               array_agg(to_jsonb(c)::text order by c.id) as contents
        from changed c
        group by c.user_id
        order by c.user_id
    ) added;
    return null;
end
$$;

-- One line per chained table: select platform.chain_table('portfolio.transactions', 'ledger'). The
-- table needs user_id and id. Triggers of a statement fire in the order of their names: those of the
-- chain come after `<table>_updated`, whose kind locks the portfolio to count its revision. The program
-- locks portfolios before it writes, so whoever waits for the head of a chain must hold them already:
-- locked last, the head never closes a circle.
create function platform.chain_table(target regclass, chain_name text) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    short constant text := (select relname from pg_class where oid = target);
    deed text;
begin
    foreach deed in array array['insert', 'update', 'delete'] loop
        execute format('create trigger %I after %s on %s referencing %s table as changed
                        for each statement execute function platform.append_to_chain(%L)',
                       short || '_written_' || deed, deed, target,
                       case deed when 'delete' then 'old' else 'new' end, chain_name);
    end loop;
    insert into platform.chained_tables (table_name, chain) values (target::text, chain_name);
end
$$;

-- Whether a row is not what it was when its link was made. Columns that came later are not compared.
create function platform.differs(was jsonb, is_now jsonb) returns boolean
language sql immutable parallel safe
return exists (
    select from jsonb_each(was) as former(key, value)
    where is_now -> former.key is distinct from former.value
);

-- Rows of a person that are not what their chain says, the earliest link first.
create function platform.chain_differences(owner uuid, chain_name text)
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

-- History that is not what the chain says: each change and deletion leaves the row as it was before.
create function portfolio.history_differences(owner uuid)
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
grant execute on function platform.differs(jsonb, jsonb), platform.chain_differences(uuid, text),
    portfolio.history_differences(uuid) to bursar_system;

-- What is there already is the beginning of its person's chain. The owner of the table sees no rows
-- while security is forced.
alter table portfolio.transactions no force row level security;
do $$
begin
    perform set_config('timezone', 'UTC', true), set_config('bytea_output', 'hex', true),
            set_config('datestyle', 'ISO', true);
    perform platform.extend_chain(
        there.user_id, 'ledger', 'portfolio.transactions', 'adopt', there.row_ids, there.contents
    )
    from (
        select t.user_id, array_agg(t.id::text order by t.id) as row_ids,
               array_agg(to_jsonb(t)::text order by t.id) as contents
        from portfolio.transactions t
        group by t.user_id
    ) there;
    perform platform.chain_table('portfolio.transactions', 'ledger');
end
$$;
alter table portfolio.transactions force row level security;
