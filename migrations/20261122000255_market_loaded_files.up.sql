-- Files of bars out of folders and archives that were loaded, by their content, so that a long import
-- that was interrupted goes on with the next one.
create table market.loaded_files (
    -- SHA-256 of the content.
    digest bytea constraint loaded_files_digest_check check (length(digest) = 32),
    interval text not null
        constraint loaded_files_interval_check check (interval in ('1m', '5m', '15m', '1h', '1d')),
    name text not null,
    imported bigint not null,
    loaded_at timestamptz not null default now(),
    constraint loaded_files_pkey primary key (digest, interval, name)
);
grant select, insert, update, delete on market.loaded_files to bursar_system;
