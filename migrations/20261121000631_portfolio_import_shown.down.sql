alter table portfolio.imports
    drop column skipped_count,
    drop column skipped,
    drop column first_rows;
