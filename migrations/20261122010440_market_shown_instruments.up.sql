-- What stands in a list that somebody looks at: its price is fetched, and nothing else.
alter table market.interests drop constraint interests_reason_check;
alter table market.interests add constraint interests_reason_check
    check (reason in ('held', 'watched', 'shown'));
