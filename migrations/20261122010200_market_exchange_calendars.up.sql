-- Calendars for the exchanges that had none, and for the German floors their own, which are longer than
-- Xetra's. Chicago's and New York's futures exchanges share one platform and one calendar.
update market.exchanges set calendar = mic where mic in (
    'IFUS', 'XMEX', 'BVMF', 'XBUE', 'XSGO', 'XBOG', 'XLIM', 'XDUB', 'XMIL', 'XOSL', 'XMAD', 'XWBO',
    'XSTO', 'XHEL', 'XCSE', 'XICE', 'XWAR', 'XPRA', 'XBUD', 'XATH', 'XIST', 'XTAE', 'XJSE', 'XSAU',
    'XSHG', 'XSHE', 'XTAI', 'XKRX', 'XSES', 'XKLS', 'XBKK', 'XIDX', 'XPHS', 'XNSE', 'XBOM', 'XFRA',
    'XSTU', 'XMUN', 'TGAT'
);
update market.exchanges set calendar = 'XCME' where mic in ('XCME', 'XCBT', 'XNYM', 'XCEC');

-- Days that were computed out of minutes by other hours are computed again, unless minutes of them are gone.
with outdated as (
    delete from market.bars_1d b
    using market.instruments i
    where i.id = b.instrument_id
        and b.source = 'rollup'
        and i.mic in (
            'IFUS', 'XMEX', 'BVMF', 'XBUE', 'XSGO', 'XBOG', 'XLIM', 'XDUB', 'XMIL', 'XOSL', 'XMAD',
            'XWBO', 'XSTO', 'XHEL', 'XCSE', 'XICE', 'XWAR', 'XPRA', 'XBUD', 'XATH', 'XIST', 'XTAE',
            'XJSE', 'XSAU', 'XSHG', 'XSHE', 'XTAI', 'XKRX', 'XSES', 'XKLS', 'XBKK', 'XIDX', 'XPHS',
            'XNSE', 'XBOM', 'XFRA', 'XSTU', 'XMUN', 'TGAT', 'XCME', 'XCBT', 'XNYM', 'XCEC'
        )
        and not exists (
            select from market.dropped_days d
            where d.instrument_id = b.instrument_id
                and d.kind = '1m'
                and d.day between (b.at at time zone 'UTC')::date - 1 and (b.at at time zone 'UTC')::date + 1)
    returning b.instrument_id, b.at
)
select market.mark_hours(array_agg(o.instrument_id), array_agg(h.at))
from outdated o
cross join lateral generate_series(o.at, o.at + interval '23 hours', interval '1 hour') as h (at);
