delete from market.findings where instrument_id is null;
alter table market.findings
    drop constraint findings_rule_key,
    drop constraint findings_subject_check,
    drop column subject,
    alter column instrument_id set not null,
    drop constraint findings_want_check,
    add constraint findings_want_check check (want in ('option_chain', 'fundamentals', 'index_values')),
    add constraint findings_rule_key unique (instrument_id, want, source, rule);
