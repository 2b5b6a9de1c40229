revoke delete on portfolio.transaction_versions from bursar_system;
-- Words and values of what has no ticker go with these tables, and without them its bookings would
-- name nothing. The owner of the tables is bound by their policies too.
alter table portfolio.transactions no force row level security;
alter table portfolio.transaction_versions no force row level security;
alter table portfolio.portfolios no force row level security;
alter table portfolio.snapshot_states no force row level security;
delete from portfolio.transactions t
using market.instruments i
where i.is_private and i.id in (t.instrument_id, t.target_instrument_id);
delete from portfolio.transaction_versions v
using market.instruments i
where i.is_private and i.id in (v.instrument_id, v.target_instrument_id);
alter table portfolio.snapshot_states force row level security;
alter table portfolio.portfolios force row level security;
alter table portfolio.transaction_versions force row level security;
alter table portfolio.transactions force row level security;
drop trigger transactions_updated_private on portfolio.transactions;
drop trigger transactions_inserted_private on portfolio.transactions;
drop table portfolio.appraisals;
drop table portfolio.private_assets;
delete from market.instruments where is_private;
drop function portfolio.check_private_instruments();
drop function portfolio.bump_revision_of_holders();
