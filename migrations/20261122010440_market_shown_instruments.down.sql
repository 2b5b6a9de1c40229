delete from market.interests where reason = 'shown';
alter table market.interests drop constraint interests_reason_check;
alter table market.interests add constraint interests_reason_check
    check (reason in ('held', 'watched'));
