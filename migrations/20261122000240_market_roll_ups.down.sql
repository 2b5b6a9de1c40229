drop function market.roll_up_bars(text, interval, uuid[], timestamptz[], timestamptz[], timestamptz[]);
drop function market.roll_up_ticks(uuid[], timestamptz[]);
drop function market.ingest_ticks(
    text, uuid[], timestamptz[], bigint[], double precision[], double precision[], double precision[],
    double precision[]);
drop function market.ingest_bars(
    text, text, uuid[], timestamptz[], double precision[], double precision[], double precision[],
    double precision[], double precision[], double precision[]);
drop function market.mark_hours(uuid[], timestamptz[]);
drop table market.dropped_days;
drop table market.dirty_hours;
drop table market.dirty_minutes;
