drop table market.override_changes;
