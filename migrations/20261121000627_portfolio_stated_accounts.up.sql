-- A portfolio may be fed from several accounts: what each of them states is compared with its own
-- transactions. What shares cost by a broker's method was kept and never compared.
alter table portfolio.stated_balances add column account text;
alter table portfolio.stated_balances drop column cost;

-- What was stated before is the word of the account that brought the transactions of its import, where
-- that was one. The owner of the tables is bound by their policies too.
alter table portfolio.stated_balances no force row level security;
alter table portfolio.transactions no force row level security;
update portfolio.stated_balances s
set account = t.account
from (
    select user_id, import_id, min(account) as account
    from portfolio.transactions
    where import_id is not null
    group by user_id, import_id
    having count(distinct account) = 1 and count(account) = count(*)
) t
where t.user_id = s.user_id and t.import_id = s.import_id;
alter table portfolio.transactions force row level security;
alter table portfolio.stated_balances force row level security;
