-- Findings of balances and of stated positions name their currency and their portfolio, so that accepting
-- one does not hide another. What somebody accepted before goes on to count where it can only mean one.
--
-- Forced row-level security would hide every row from this statement.
alter table portfolio.accepted_findings no force row level security;
alter table portfolio.stated_balances no force row level security;
alter table portfolio.transactions no force row level security;
alter table portfolio.portfolios no force row level security;

update portfolio.accepted_findings a
set finding = meant.finding
from (
    select candidate.user_id, candidate.former, min(candidate.finding) as finding
    from (
        select b.user_id,
               format('unreconciled_cash~%s~%s~', b.currency, to_char(b.stated_on, 'YYYY-MM-DD')) as former,
               format('unreconciled_cash~cash:%s~%s~~%s', b.currency, to_char(b.stated_on, 'YYYY-MM-DD'),
                      b.portfolio_id) as finding
        from portfolio.stated_balances b
        where b.instrument_id is null
        union
        select b.user_id,
               format('unreconciled_position~%s~%s~', i.symbol, to_char(b.stated_on, 'YYYY-MM-DD')),
               format('unreconciled_position~%s~%s~~%s', i.symbol, to_char(b.stated_on, 'YYYY-MM-DD'),
                      b.portfolio_id)
        from portfolio.stated_balances b
        join market.instruments i on i.id = b.instrument_id
        union
        -- A balance falls below zero, or begins to lack a rate, on a day on which it moves.
        select t.user_id,
               format('negative_cash~~%s~', to_char(t.date, 'YYYY-MM-DD')),
               format('negative_cash~cash:%s~%s~~%s', moved.currency, to_char(t.date, 'YYYY-MM-DD'),
                      t.portfolio_id)
        from portfolio.transactions t
        join portfolio.portfolios p on p.user_id = t.user_id and p.id = t.portfolio_id
        cross join lateral (values (t.currency), (t.settlement_currency)) as moved (currency)
        where p.tracks_cash and moved.currency is not null
        union
        select t.user_id,
               format('missing_rate~~%s~', to_char(t.date, 'YYYY-MM-DD')),
               format('missing_rate~cash:%s~%s~', moved.currency, to_char(t.date, 'YYYY-MM-DD'))
        from portfolio.transactions t
        join portfolio.portfolios p on p.user_id = t.user_id and p.id = t.portfolio_id
        cross join lateral (values (t.currency), (t.settlement_currency)) as moved (currency)
        where p.tracks_cash and moved.currency is not null
    ) candidate
    group by candidate.user_id, candidate.former
    having count(*) = 1
) meant
where meant.user_id = a.user_id and meant.former = a.finding;

alter table portfolio.accepted_findings force row level security;
alter table portfolio.stated_balances force row level security;
alter table portfolio.transactions force row level security;
alter table portfolio.portfolios force row level security;
