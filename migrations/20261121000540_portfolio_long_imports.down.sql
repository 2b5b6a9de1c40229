-- What is booked of a long file stays, as a batch that can be undone.
update portfolio.imports set status = 'imported', imported_at = now()
where status in ('running', 'interrupted');
-- Of one that waits, the file is not in the database.
delete from portfolio.imports where status = 'preview' and bytes_total is not null;
drop index portfolio.imports_open_key;
alter table portfolio.imports
    drop constraint imports_long_check,
    drop column stopped_because,
    drop column spool_path,
    drop column rejected_count,
    drop column records_done,
    drop column bytes_done,
    drop column bytes_total,
    drop column content_hash;
alter table portfolio.imports drop constraint imports_status_check;
alter table portfolio.imports add constraint imports_status_check
    check (status in ('preview', 'imported', 'undone'));
