drop trigger imports_at_rest on portfolio.imports;
drop function portfolio.build_what_waited();
drop index portfolio.imports_busy_idx;
-- What is taken back in part can be undone as a whole. The rows of all people are meant, which the owner
-- of the table sees only without its own confinement.
alter table portfolio.imports no force row level security;
update portfolio.imports set status = 'imported' where status in ('undoing', 'undo_interrupted');
alter table portfolio.imports force row level security;
alter table portfolio.imports
    drop constraint imports_undo_check,
    drop column heard_at,
    drop column undone_count,
    drop column undo_total,
    drop constraint imports_status_check;
alter table portfolio.imports add constraint imports_status_check
    check (status in ('preview', 'running', 'interrupted', 'imported', 'undone'));
