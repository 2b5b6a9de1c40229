-- Files too long for one unit of work are booked part by part, under one import with a cursor.
alter table portfolio.imports drop constraint imports_status_check;
alter table portfolio.imports add constraint imports_status_check
    check (status in ('preview', 'running', 'interrupted', 'imported', 'undone'));
alter table portfolio.imports
    -- Recognises the file when it is handed in again to go on.
    add column content_hash bytea
        constraint imports_content_hash_check check (octet_length(content_hash) = 32),
    -- Size of a long file; empty for one that is booked at once.
    add column bytes_total bigint,
    -- The cursor: what is booked, and how far the file was read for it.
    add column bytes_done bigint not null default 0,
    add column records_done bigint not null default 0,
    -- All refused lines; the list keeps the first of them.
    add column rejected_count integer not null default 0,
    -- Where the server keeps an uploaded file; empty for one on the computer of the command line.
    add column spool_path text,
    -- Why it does not run, where nobody stopped it.
    add column stopped_because text,
    add constraint imports_long_check check (
        (bytes_total is null) = (content_hash is null)
        and (bytes_total is not null or (spool_path is null and status not in ('running', 'interrupted')))
    );
update portfolio.imports set rejected_count = jsonb_array_length(rejected);
create unique index imports_open_key on portfolio.imports (user_id, portfolio_id, content_hash)
    where status in ('running', 'interrupted');
