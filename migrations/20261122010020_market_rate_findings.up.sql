-- Exchange rates are judged as well; a finding about one names the pair in place of an instrument.
alter table market.findings
    alter column instrument_id drop not null,
    add column subject text,
    add constraint findings_subject_check check ((instrument_id is null) <> (subject is null)),
    drop constraint findings_want_check,
    add constraint findings_want_check check (
        want in ('option_chain', 'fundamentals', 'index_values', 'rates')
    ),
    drop constraint findings_rule_key,
    add constraint findings_rule_key
        unique nulls not distinct (instrument_id, subject, want, source, rule);
