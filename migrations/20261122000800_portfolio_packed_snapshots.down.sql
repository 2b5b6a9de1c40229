-- What is packed becomes rows again; the rows of all people, without a person in charge.
alter table portfolio.packed_snapshots no force row level security;
alter table portfolio.portfolio_snapshots no force row level security;
insert into portfolio.portfolio_snapshots
    (user_id, portfolio_id, time, currency, total_value, cash_balance, net_invested, total_gain,
     total_gain_percent, day_change, day_change_percent, holdings_count, asset_allocation)
select p.user_id, p.portfolio_id, d.*
from portfolio.packed_snapshots p
cross join lateral jsonb_to_recordset(p.days)
    as d (time timestamptz, currency text, total_value numeric, cash_balance numeric,
          net_invested numeric, total_gain numeric, total_gain_percent numeric, day_change numeric,
          day_change_percent numeric, holdings_count integer, asset_allocation jsonb);
alter table portfolio.portfolio_snapshots force row level security;
drop function portfolio.unpack_snapshots(uuid, date);
drop function portfolio.pack_snapshots(timestamptz);
drop view portfolio.all_snapshots;
drop table portfolio.packed_snapshots;
