-- What an API token may do, and until when. Those that were made before keep all rights and have no end.
alter table identity.tokens
    add column scope text not null default 'full',
    -- Null is without end.
    add column expires_at timestamptz,
    add constraint tokens_scope_check check (scope in ('full', 'limited', 'read')),
    add constraint tokens_expires_at_check check (expires_at > created_at);
create index tokens_expires_at_idx on identity.tokens (expires_at) where expires_at is not null;
