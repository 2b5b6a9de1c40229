-- The count of refused lines of imports from before there was one: row-level security, forced, had hidden
-- them from the statement that was to fill it.
alter table portfolio.imports no force row level security;
update portfolio.imports
set rejected_count = jsonb_array_length(rejected)
where rejected_count < jsonb_array_length(rejected);
alter table portfolio.imports force row level security;
