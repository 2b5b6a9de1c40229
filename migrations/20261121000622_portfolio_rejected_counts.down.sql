-- The counts are right; there is nothing to undo.
select 1;
