-- A portfolio may be fed from several accounts: what each of them states is compared with its own
-- transactions. What shares cost by a broker's method was kept and never compared.
alter table portfolio.stated_balances add column account text;
alter table portfolio.stated_balances drop column cost;
