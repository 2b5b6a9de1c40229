drop table identity.token_pairs;
delete from identity.sessions where token_hash is null;
alter table identity.sessions alter column token_hash set not null;
