-- What imports of long files keep of them is forgotten with their person as well.
create or replace function portfolio.erase_person(person uuid) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    update portfolio.transactions t
    set note = null, account = null, external_id = null
    where t.user_id = person and (t.note is not null or t.account is not null or t.external_id is not null);
    update portfolio.imports i
    set file_name = 'erased', content = null, mapping = null, rejected = '[]', skipped = '[]',
        first_rows = null, spool_path = null, stopped_because = null,
        -- Whoever books or takes back a file just now finds itself overtaken, and writes no more words.
        status = case i.status when 'running' then 'interrupted' when 'undoing' then 'undo_interrupted'
                               else i.status end,
        -- Recognises the file, and must be there where there was one.
        content_hash = case when i.content_hash is not null then sha256(i.id::text::bytea) end
    where i.user_id = person;
    update portfolio.portfolios p
    set name = 'Portfolio ' || n.place || ' of ' || p.id
    from (select id, row_number() over (order by created_at, id) as place
          from portfolio.portfolios where user_id = person) n
    where p.user_id = person and p.id = n.id;
end
$$;

-- Whoever closes an account deletes what its values were before, with all else that is not kept.
grant delete on portfolio.appraisal_versions to bursar_system;

-- Rules decide where money is counted: what they were is on record.
select platform.audit_table('portfolio.category_rules', 'user_id', 'id', '');
