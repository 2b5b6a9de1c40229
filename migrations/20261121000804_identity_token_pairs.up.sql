-- Sign-in of programs and apps: a session without a cookie, which carries a family of tokens in pairs. A
-- refresh token is exchanged for the next pair once; what was used is kept until it would have ended, so
-- that a second use is recognised and ends the session.
alter table identity.sessions
    -- Null: the session of an app.
    alter column token_hash drop not null;

create table identity.token_pairs (
    user_id uuid not null,
    id uuid not null,
    session_id uuid not null,
    access_hash bytea not null,
    access_expires_at timestamptz not null,
    refresh_hash bytea not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    -- When it was exchanged for the next one.
    used_at timestamptz,
    constraint token_pairs_pkey primary key (user_id, id),
    constraint token_pairs_session_id_fkey foreign key (user_id, session_id)
        references identity.sessions (user_id, id) on delete cascade,
    constraint token_pairs_access_hash_key unique (access_hash),
    constraint token_pairs_refresh_hash_key unique (refresh_hash),
    constraint token_pairs_expires_at_check
        check (access_expires_at > created_at and expires_at >= access_expires_at)
);
create index token_pairs_session_id_idx on identity.token_pairs (user_id, session_id);
create index token_pairs_expires_at_idx on identity.token_pairs (expires_at);
-- The system alone reads them, as it does sign-ins that wait for their second step.
alter table identity.token_pairs enable row level security;
alter table identity.token_pairs force row level security;
create policy token_pairs_system on identity.token_pairs to bursar_system using (true) with check (true);
grant select, insert, update, delete on identity.token_pairs to bursar_system;
