delete from market.findings where is_stored;
alter table market.findings
    drop column is_stored,
    drop constraint findings_want_check,
    add constraint findings_want_check check (
        want in ('option_chain', 'fundamentals', 'index_values', 'rates')
    );
