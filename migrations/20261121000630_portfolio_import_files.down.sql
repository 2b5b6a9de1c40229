-- Where the folder is, the database does not know: the names stay as they are, and such uploads have to
-- be handed in again.
select 1;
