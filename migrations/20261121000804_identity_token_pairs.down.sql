drop table identity.token_pairs;
alter table identity.sessions no force row level security;
delete from identity.sessions where token_hash is null;
alter table identity.sessions force row level security;
alter table identity.sessions alter column token_hash set not null;
