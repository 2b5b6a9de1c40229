-- The trading day of a price, by the calendar of the exchange: the evening of futures belongs to the next day, and a
-- session of Sydney is one day although it passes midnight in UTC. What is there is taken to be of the day on the
-- exchange's clock; the next price says it for certain. Unknown where an older version of the program wrote the price.
alter table market.quotes add column day date;
update market.quotes q
set day = (q.at at time zone coalesce(e.time_zone, 'UTC'))::date
from market.instruments i
left join market.exchanges e on e.mic = i.mic
where i.id = q.instrument_id;
