drop index identity.tokens_expires_at_idx;
-- Without the columns every token would have all rights for good.
alter table identity.tokens no force row level security;
delete from identity.tokens where scope <> 'full' or expires_at is not null;
alter table identity.tokens force row level security;
alter table identity.tokens
    drop constraint tokens_expires_at_check,
    drop constraint tokens_scope_check,
    drop column expires_at,
    drop column scope;
