-- An uploaded file is known by its name alone: its folder belongs to the server and may be moved.
-- The rows of all people are meant, which the owner of the table sees only without its own confinement.
alter table portfolio.imports no force row level security;
update portfolio.imports set spool_path = regexp_replace(spool_path, '^.*/', '') where spool_path is not null;
alter table portfolio.imports force row level security;
